"""Run an incident from a terminal, with git as the record."""

__version__ = "0.1.0"

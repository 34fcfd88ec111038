"""One command, one file: gather, decide, apply, show."""

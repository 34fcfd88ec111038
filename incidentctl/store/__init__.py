"""The one place that touches git and files: finds the repository, locks, saves, commits and reads it back."""

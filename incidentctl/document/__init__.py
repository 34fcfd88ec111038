"""The file format: parse, render and edit Markdown so that every other byte stays. Never touches files, git or the clock."""

"""Settings: text in, values out. Reads no files; the store hands the text in and the commands take the values."""

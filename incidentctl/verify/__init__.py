"""Who changed what on the record after the fact: versions of its files in, changes out. Pure."""

"""The rules, one family a file; `catalogue.py` lists them."""

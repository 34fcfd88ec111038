"""One metric, one file; `stats/catalogue.py` lists them."""

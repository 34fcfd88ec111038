"""One sender of alerts a file: how its messages are known, and what they say. `catalogue.py` lists them."""

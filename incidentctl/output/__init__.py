"""How results look: value to text. Nothing here prints, and nothing here decides."""

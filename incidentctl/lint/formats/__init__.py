"""How findings look: each format is one function from a result to text. Nothing here prints."""

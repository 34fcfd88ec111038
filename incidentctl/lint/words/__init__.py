"""The words by which wording rules tell blame from facts. Reads nothing but sentences."""

"""How a report looks: one format a file, each a function from a report to a text. Nothing here prints, or knows a figure of its own."""

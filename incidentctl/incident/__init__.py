"""What an incident is: its entries, the state they give, and which step is legal next. Never touches files, git or the clock."""

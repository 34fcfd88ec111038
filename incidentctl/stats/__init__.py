"""What the record says in numbers: transitions, durations, counts, rates, and the way to each of them. Pure."""

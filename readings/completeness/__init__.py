"""Which meter has how much of each day, what a gateway still holds, and what is lost."""

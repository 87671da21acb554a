"""Charts that the server draws: geometry without Django and without colours."""

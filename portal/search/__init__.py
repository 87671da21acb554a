"""One search over everything of a programme that the person may see (views.py); each kind of thing says how it is found."""

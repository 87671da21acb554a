"""The monthly sheet of a dwelling: what the law wants its people to be told, as page, mail and PDF."""

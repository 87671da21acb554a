"""Rights of occupants: `decide` answers for every page, export and command; `services` keeps them; `table` shows them."""

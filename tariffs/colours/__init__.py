"""The day-colour calendars of Tempo and EJP: what may be announced, the page, and the list that is brought."""

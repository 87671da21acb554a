"""The portal side of the gateway: bus → normalise → spool on disk → portal, and commands the other way."""

"""Fault injection against the gateway agent and the portal, by a ledger that knows the truth. `make soak` runs it long."""

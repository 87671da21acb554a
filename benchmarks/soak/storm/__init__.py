"""The whole portal in a storm: gateways and mails with a ledger, a proxy that lies, and processes that are killed."""

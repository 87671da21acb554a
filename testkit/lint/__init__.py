"""Rules that no library knows, held by `make check`: what is deployed, and how tables may change."""

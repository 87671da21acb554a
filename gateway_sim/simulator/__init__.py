"""Simulated meters on one bus, down to the bits that collide: for tests, demos and training."""

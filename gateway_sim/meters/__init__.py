"""Drivers of heat meters and their simulators, a package a maker. How to add one: docs/meter-drivers.md."""

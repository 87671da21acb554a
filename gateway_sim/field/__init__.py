"""The field tool: heat meters read on site, their archives kept as one LERS XML file.

`line.py` exchanges bytes, `driver.py` says what a driver of `gateway_sim.meters` offers, `poll.py` runs one
session, `lers_file.py` writes what was read.
"""

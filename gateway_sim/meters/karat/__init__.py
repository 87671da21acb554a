"""НПО Карат: КАРАТ-307 and ЭЛЬФ-04, both by Modbus-like frames, both experimental until seen on a meter."""

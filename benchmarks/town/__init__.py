"""A whole portal of real processes with gateways and people around it, for the storm (`make soak`) and the load."""

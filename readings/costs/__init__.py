"""Every euro of a consumption page taken apart: from the line to the registers, and from there to the readings."""

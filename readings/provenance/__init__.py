"""Where a figure comes from: from a total to the readings behind it, and to the file row or batch they came in."""

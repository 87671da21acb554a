"""What many dwellings used, side by side: the operator's pages, and the average that an occupant compares with."""

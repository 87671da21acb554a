"""The archive of a metering point: its hours and days, their sums and totals, and the page that shows them."""

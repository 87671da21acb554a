"""What `seed_demo` and `make demo` show: one housing programme, one utility, a year of readings, one site file."""

HOUSING_SLUG, UTILITY_SLUG = SLUGS = ("demo", "teplo-demo")

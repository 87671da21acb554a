"""A guided tour of the demo: stops.py says what each person is shown, strip.py what stands on a page of the tour."""

"""Pages: one's factors and browsers (`security`), the second step (`second_step`), asking again (`confirm`)."""

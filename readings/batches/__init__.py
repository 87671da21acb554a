"""What gateways send: the body judged, the rows written once, unknown meters parked until somebody places them."""

"""From day totals to what people read: usages in kWh, water in m³, and money."""

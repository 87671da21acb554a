"""What the people who look after the machine use: health, metrics, doctor, backup. Their guide: docs/operations.md."""

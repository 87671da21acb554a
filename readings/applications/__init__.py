"""Applications for metering point numbers: sent by a consumer, decided by the utility's metering department."""

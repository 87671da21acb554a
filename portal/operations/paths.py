"""Addresses that machines ask, without a Host of ours and without https: see doors.py."""

LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"
PLAIN = [f"^{path.removeprefix('/')}$" for path in (LIVE, READY, METRICS)]  # for SECURE_REDIRECT_EXEMPT

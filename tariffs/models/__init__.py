"""What energy costs and how it is derived."""

from tariffs.models.parameters import Level, ParameterValue

__all__ = ["Level", "ParameterValue"]

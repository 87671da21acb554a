"""What energy costs and how it is derived."""

from tariffs.models.colours import Colour, DayColour
from tariffs.models.parameters import Level, ParameterValue

__all__ = ["Colour", "DayColour", "Level", "ParameterValue"]

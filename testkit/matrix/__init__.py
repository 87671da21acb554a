"""The world and the table of the access matrix (tests/portal/test_access_matrix.py).

One `Row` a page: in which kind of programme it stands, who may open it, by which method, which object its address
names. A new route needs a row in the table of its app, or the matrix fails with its address.
"""

from testkit.matrix.api import API, API_OPEN
from testkit.matrix.outside import OUTSIDE, Outside
from testkit.matrix.pages import CHANGES_NOTHING, PAGES, REFERENCES
from testkit.matrix.row import Row
from testkit.matrix.side import ROLES, Side
from testkit.matrix.world import make_side

__all__ = [
    "API",
    "API_OPEN",
    "CHANGES_NOTHING",
    "OUTSIDE",
    "PAGES",
    "REFERENCES",
    "ROLES",
    "Outside",
    "Row",
    "Side",
    "make_side",
]

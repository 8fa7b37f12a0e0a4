"""What the page tests of committees have in common: the fixtures of the room itself."""

from tests.committees.conftest import advisor, held, planned, users_committee
from tests.web.conftest import plain_file_names

__all__ = ["advisor", "held", "plain_file_names", "planned", "users_committee"]

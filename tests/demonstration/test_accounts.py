"""The accounts that the sign-in page offers are those that the demonstration makes."""

from __future__ import annotations

from ops.demonstration import script
from ops.web.sign_in import DEMONSTRATION_ACCOUNTS


def test_offered_accounts_are_the_first_of_the_play_in_the_same_order() -> None:
    played = [person.username for person in script.people()]
    assert list(DEMONSTRATION_ACCOUNTS) == played[: len(DEMONSTRATION_ACCOUNTS)]
    assert len(DEMONSTRATION_ACCOUNTS) == 17

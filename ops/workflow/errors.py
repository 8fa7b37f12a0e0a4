"""Every way in which the engine says no: its code, its HTTP status and its sentence.

Pages and API show the same refusal; neither has anything to decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """A request that was understood and not carried out; nothing was changed."""

    code = "refused"
    status = 400

    def __init__(self, detail: str, *, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = {name: list(sentences) for name, sentences in (fields or {}).items()}

    def as_dict(self) -> dict[str, object]:
        """The body that every door answers with."""
        return {"code": self.code, "detail": self.detail, "fields": self.fields}


class BadQuery(Refusal):
    """The address asks for something that cannot be asked: an unknown filter, a page before the first."""

    code = "bad_query"
    status = 400


class NotFound(Refusal):
    """It does not exist, or this person may not know that it does: the two are never told apart."""

    code = "not_found"
    status = 404

    def __init__(
        self, detail: str = "There is nothing here under that address, or you may not see it."
    ) -> None:
        super().__init__(detail)


class NotAllowed(Refusal):
    """This person may see it but may not do this; the sentence names who may."""

    code = "not_allowed"
    status = 403


class Stale(Refusal):
    """Somebody else changed it since it was read."""

    code = "stale"
    status = 409


class IllegalTransition(Refusal):
    """The workflow has no such step from the state it is in."""

    code = "illegal_transition"
    status = 409


class GuardUnmet(Refusal):
    """The step waits for something; the sentence says for what."""

    code = "guard_unmet"
    status = 409


class InvalidInput(Refusal):
    """What was given does not fit; `fields` says per field what would be right."""

    code = "invalid_input"
    status = 422


CATALOGUE: tuple[type[Refusal], ...] = (
    BadQuery,
    NotFound,
    NotAllowed,
    Stale,
    IllegalTransition,
    GuardUnmet,
    InvalidInput,
)

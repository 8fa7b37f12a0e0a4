"""What a search found, with the words around it."""

from __future__ import annotations

import re
from functools import cached_property

from django.http import HttpRequest
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ops.tickets.models import Ticket
from ops.tickets.search import MATCH_BEGINS, MATCH_ENDS, snippets
from ops.web.queue.lists import Row, TicketList, at

KEY = re.compile(r"\s*([A-Za-z]{2,10}-[0-9]{1,12})\s*")
_MATCH = re.compile(f"{MATCH_BEGINS}([^{MATCH_BEGINS}{MATCH_ENDS}]*){MATCH_ENDS}")


class Finds(TicketList):
    """The search page: a list whose words come from `q`, newest first."""

    def __init__(self, request: HttpRequest) -> None:
        self.words = request.GET.get("q", "").strip()
        super().__init__(request)
        self.path = request.path

    def _read_address(self) -> dict[str, str]:
        """The box of the search calls its words `q`, the lists call them `search`."""
        address = super()._read_address()
        words = address.pop("q", "")
        return {**address, **({"search": words} if words else {})}

    def _with(self, **changes: str | None) -> str:
        address = {**self.address, **changes}
        return at(self.path, {"q": address.pop("search", None), **address})

    @cached_property
    def exact_key(self) -> str:
        """The key of the ticket that was named outright, where the reader may see it."""
        found = KEY.fullmatch(self.words)
        seen = Ticket.objects.visible_to(self.reader)
        return (
            (seen.filter(key=found[1].upper()).values_list("key", flat=True).first() or "") if found else ""
        )

    @cached_property
    def found(self) -> list[tuple[Row, SafeString]]:
        """Each ticket with the words around what matched."""
        around = snippets(self.page.rows, self.words, self.reader)
        return [(row, _marked(around.get(row.ticket.pk, ""))) for row in self.rows]


def _marked(text: str) -> SafeString:
    marked = _MATCH.sub(r"<mark>\1</mark>", escape(text))
    return mark_safe(re.sub(f"[{MATCH_BEGINS}{MATCH_ENDS}]", "", marked))  # noqa: S308  # escaped before

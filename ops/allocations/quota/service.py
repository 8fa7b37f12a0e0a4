"""The authorisation service over HTTP: its override document, and what it enforces for one person.

The document is global and has neither edition nor expiry. So it is read again just before it is written, only our
groups in it are replaced, and afterwards it is read back: what was not read back is not enforced.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from ops.allocations.quota.document import Document, NotADocument, Quota, read, written
from ops.allocations.quota.grouping import put_into

SECONDS = 10.0
LARGEST = 16 * 1024 * 1024
OVERRIDES = "/auth/api/v1/quota-overrides"
PERSON = "/auth/api/v1/users/{}"


class ServiceProblem(Exception):
    """The service did not do what it was asked; the sentence says what it answered."""


class ChangedMeanwhile(ServiceProblem):
    """Somebody else wrote the override document between our reading and our writing; nothing was written."""


@dataclass(frozen=True)
class Enforced:
    """What the service knows of a person: the groups, and the limits that hold."""

    groups: tuple[str, ...]
    quota: Quota


@dataclass(frozen=True)
class QuotaService:
    """One authorisation service, spoken to with a token of the scope `admin:token`."""

    address: str
    token: str

    def overrides(self) -> Document:
        """Return the override document; an empty one where there is none. Raises `ServiceProblem`."""
        answer = self._ask("GET", OVERRIDES, missing_is_nothing=True)
        return _document(answer or {})

    def apply(self, ours: Document) -> Document:
        """Put our groups in place of those there, leave all others, and return the document as read back.

        Raises `ChangedMeanwhile`, and `ServiceProblem` where what is read back is not what was written. Call it
        under a lock of our own: the service has none.
        """
        before = self.overrides()
        wanted = put_into(before, ours)
        if wanted != before:
            if self.overrides() != before:
                raise ChangedMeanwhile(
                    "The override document was changed by somebody else just now; try again."
                )
            self._put(wanted)
        after = self.overrides()
        if after != wanted:
            raise ServiceProblem("The service does not serve what was written to it.")
        return after

    def person(self, username: str) -> Enforced | None:
        """Return what holds for a person, or None where the service does not know them. Raises `ServiceProblem`."""
        answer = self._ask("GET", PERSON.format(quote(username, safe="")), missing_is_nothing=True)
        if answer is None:
            return None
        groups = answer.get("groups") or []
        names = [group.get("name") if isinstance(group, dict) else group for group in groups]
        quota = _document({"default": answer.get("quota") or {}}).default
        return Enforced(tuple(name for name in names if isinstance(name, str)), quota)

    def _put(self, document: Document) -> None:
        if document == Document():
            self._ask("DELETE", OVERRIDES, missing_is_nothing=True)
        else:
            self._ask("PUT", OVERRIDES, body=written(document).encode())

    def _ask(
        self, method: str, path: str, *, body: bytes | None = None, missing_is_nothing: bool = False
    ) -> dict[str, Any] | None:
        status, text = self._exchange(method, path, body)
        if status == HTTPStatus.NOT_FOUND and missing_is_nothing:
            return None
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            said = text[:300].decode(errors="replace").strip()
            raise ServiceProblem(f"The authorisation service answered {status} to {method} {path}: {said}")
        if not text.strip():
            return {}
        try:
            value = json.loads(text)
        except ValueError:
            raise ServiceProblem(f"The answer to {method} {path} is not JSON.") from None
        return value if isinstance(value, dict) else {"answer": value}

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """One request and its answer; redirects are not followed, so the token goes nowhere else."""
        target = urlsplit(self.address)
        kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        connection = kind(target.hostname or "", target.port, timeout=SECONDS)
        try:
            connection.request(method, target.path.rstrip("/") + path, body=body, headers=self._headers(body))
            response = connection.getresponse()
            return response.status, response.read(LARGEST)
        except (OSError, http.client.HTTPException) as problem:
            raise ServiceProblem(f"The authorisation service does not answer: {problem}.") from problem
        finally:
            connection.close()

    def _headers(self, body: bytes | None) -> Mapping[str, str]:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return {**headers, "Content-Type": "application/json"} if body is not None else headers


def _document(value: Mapping[str, Any]) -> Document:
    try:
        return read(value)
    except NotADocument as problem:
        raise ServiceProblem(f"The service answered with what is no quota document: {problem}") from problem

"""People at the desk, each at the door of the API: stories are told in their words."""

from __future__ import annotations

from typing import Any

from ops.people.models import User
from tests.api.conftest import Caller
from tests.cast import Cast
from tests.mail import Post


class Person:
    """Somebody who does things by the API, and is believed to have done them only when it answers so."""

    def __init__(self, account: Any) -> None:
        self.caller = Caller(account)

    def reports(self, title: str, **data: Any) -> str:
        """Report something; return its key."""
        return str(self._done(self.caller.post("issues/", {"title": title, **data}), 201)["key"])

    def takes(self, step: str, key: str, **data: Any) -> dict[str, Any]:
        """Take a step of an issue; return the issue."""
        return self._done(self.caller.post(f"issues/{key}/transitions/{step}/", data))

    def is_held_back(self, step: str, key: str, **data: Any) -> str:
        """Try a step that waits for something; return the sentence that says for what."""
        return self._refused(self.caller.post(f"issues/{key}/transitions/{step}/", data), 409)

    def may_not(self, step: str, key: str, **data: Any) -> str:
        """Try a step that others take; return the sentence that says who."""
        return self._refused(self.caller.post(f"issues/{key}/transitions/{step}/", data), 403)

    def changes(self, key: str, **data: Any) -> dict[str, Any]:
        """Change some fields."""
        return self._done(self.caller.patch(f"issues/{key}/", data))

    def says(self, key: str, body: str, *, to: str = "public") -> None:
        """Comment to an audience."""
        self._done(self.caller.post(f"issues/{key}/comments/", {"body": body, "visibility": to}), 201)

    def links(self, key: str, kind: str, target: str) -> None:
        """Link two tickets."""
        self._done(self.caller.post(f"issues/{key}/links/", {"kind": kind, "target": target}), 201)

    def announces(self, title: str, body: str, *keys: str) -> int:
        """Draft an announcement about some tickets; return its number."""
        data = {"title": title, "body": body, "tickets": list(keys)}
        return int(self._done(self.caller.post("announcements/", data), 201)["id"])

    def moves_news(self, step: str, number: int) -> dict[str, Any]:
        """Take a step of an announcement."""
        return self._done(self.caller.post(f"announcements/{number}/transitions/{step}/", {}))

    def reads(self, key: str) -> dict[str, Any]:
        """Read an issue."""
        return self._done(self.caller.get(f"issues/{key}/"))

    def reads_comments(self, key: str) -> list[str]:
        """Read what was said."""
        return [said["body"] for said in self._done(self.caller.get(f"issues/{key}/comments/"))["results"]]

    def finds(self, **query: str) -> list[str]:
        """List issues; return their keys."""
        return [issue["key"] for issue in self._done(self.caller.get("issues/", data=query))["results"]]

    def reads_news(self) -> list[str]:
        """List announcements."""
        return [news["title"] for news in self._done(self.caller.get("announcements/"))["results"]]

    def history(self, key: str) -> list[str]:
        """The names of everything that happened."""
        return [event["name"] for event in self._events(key)]

    def reasons(self, key: str) -> list[str]:
        """Why things happened, where it was said."""
        return [event["reason"] for event in self._events(key) if event["reason"]]

    def clocks(self, key: str) -> dict[str, str]:
        """How the open clocks of an issue stand, by name."""
        return {clock["name"]: clock["look"] for clock in self.reads(key)["clocks"]}

    def _events(self, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._done(self.caller.get(f"issues/{key}/events/"))["results"]
        return found

    def _done(self, answer: Any, status: int = 200) -> dict[str, Any]:
        assert answer.status_code == status, answer.json()
        body: dict[str, Any] = answer.json()
        return body

    def _refused(self, answer: Any, status: int) -> str:
        assert answer.status_code == status, answer.json()
        return str(answer.json()["detail"])


class Desk:
    """Everybody of the cast, and the post."""

    def __init__(self, cast: Cast, post: Post) -> None:
        self.post = post
        self._people: dict[str, Person] = {}
        self._cast = cast

    def __getattr__(self, name: str) -> Person:
        if name not in self._people:
            account = getattr(self._cast, name)
            self._people[name] = Person(User.objects.get(pk=account.pk) if account.pk else account)
        return self._people[name]

    def letters(self) -> dict[str, str]:
        """What everybody was written since the last time, by name."""
        return self.post.told()

"""The frame around what the rooms wrote: one letter, a bundle, or a digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from ops.notify import composers
from ops.notify.models import Message
from ops.notify.parcels import Parcel, Section
from ops.notify.unsubscribing import PREFERENCES_PATH, unsubscribe_url
from ops.people.models import User

SUBJECT_LENGTH = 200
LINES_PER_THREAD = 4


@dataclass(frozen=True)
class Frame:
    """A letter as it will be read."""

    subject: str
    text: str
    html: str
    unsubscribe_url: str


@dataclass(frozen=True)
class ThreadChapter:
    """Everything a letter says about one thread: its sections, or a few lines where it is one of many."""

    title: str
    link: str
    waits_for_you: str
    sections: Sequence[Section]
    changes: Sequence[str]

    @property
    def lines(self) -> Sequence[str]:
        """The newest changes, oldest first."""
        return self.changes[-LINES_PER_THREAD:]

    @property
    def earlier(self) -> int:
        """How many changes the lines leave out."""
        return len(self.changes) - len(self.lines)


def framed(parcel: Parcel) -> Frame:
    """Put a parcel into its frame."""
    threads: dict[str, list[Section]] = {}
    for section in parcel.sections:
        threads.setdefault(section.thread, []).append(section)
    is_letter = len(threads) == 1 and not parcel.is_digest
    changes = {} if is_letter else _changes(parcel)
    chapters = [_chapter(sections, changes.get(thread, ())) for thread, sections in threads.items()]
    subject = _subject(parcel, chapters)
    unsubscribe = unsubscribe_url(parcel.recipient, parcel.thread)
    is_person = isinstance(parcel.recipient, User)
    context = {
        "subject": subject,
        "chapters": chapters,
        "waiting": [chapter for chapter in chapters if chapter.waits_for_you],
        "changed": [chapter for chapter in chapters if not chapter.waits_for_you],
        "more": parcel.more,
        "home_url": f"{settings.PUBLIC_URL}/",
        "thread": parcel.thread,
        "unsubscribe_url": unsubscribe,
        "unsubscribe_all_url": unsubscribe_url(parcel.recipient, ""),
        "preferences_url": settings.PUBLIC_URL + PREFERENCES_PATH if is_person else "",
    }
    shape = "letter" if is_letter else "digest"
    return Frame(
        subject=subject,
        text=render_to_string(f"notify/{shape}.txt", context).strip() + "\n",
        html=render_to_string(f"notify/{shape}.html", context),
        unsubscribe_url=unsubscribe,
    )


def _chapter(sections: Sequence[Section], changes: Sequence[str]) -> ThreadChapter:
    first = sections[0].letter
    waits = (section.letter.waits_for_you for section in sections)
    return ThreadChapter(first.thread_title, first.link, next(filter(None, waits), ""), sections, changes)


def _changes(parcel: Parcel) -> Mapping[str, Sequence[str]]:
    """Return what changed in each thread, a line for each change, where the rooms can say it so shortly."""
    if not isinstance(parcel.recipient, User):
        return {}
    by_kind: dict[str, list[Message]] = {}
    for section in parcel.sections:
        by_kind.setdefault(section.kind, []).extend(section.messages)
    found: list[tuple[Message, str]] = []
    for name, messages in by_kind.items():
        headlines = composers.registered(name).headlines
        if headlines is None:
            return {}  # half of a thread in lines would hide the other half
        said = headlines([message.object_id for message in messages], parcel.recipient)
        found += [(m, said[m.object_id].text) for m in messages if m.object_id in said]
    changes: dict[str, list[str]] = {}
    for message, text in sorted(found, key=lambda pair: pair[0].pk):
        changes.setdefault(message.thread, []).append(text)
    return changes


def _subject(parcel: Parcel, chapters: Sequence[ThreadChapter]) -> str:
    if parcel.is_digest:
        waiting = sum(1 for chapter in chapters if chapter.waits_for_you)
        changed = len(chapters) - waiting + parcel.more
        parts = [f"{waiting} waiting for you"] * bool(waiting) + [f"{changed} changed"] * bool(changed)
        subject = f"Daily digest: {', '.join(parts)}"
    elif len(chapters) > 1:
        others = len(chapters) - 1 + parcel.more
        subject = f"{chapters[0].title} and {others} {'other' if others == 1 else 'others'}"
    else:
        subject = parcel.sections[0].letter.subject
    # One line, whatever a title contains: a line break would end the header.
    subject = " ".join(subject.split())
    return subject if len(subject) <= SUBJECT_LENGTH else subject[: SUBJECT_LENGTH - 1] + "…"

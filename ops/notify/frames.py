"""The frame around what the rooms wrote: one letter, a bundle, or a digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from ops.notify.parcels import Parcel, Section
from ops.notify.unsubscribing import PREFERENCES_PATH, unsubscribe_url
from ops.people.models import User

SUBJECT_LENGTH = 200


@dataclass(frozen=True)
class Frame:
    """A letter as it will be read."""

    subject: str
    text: str
    html: str
    unsubscribe_url: str


@dataclass(frozen=True)
class ThreadChapter:
    """Everything a letter says about one thread."""

    title: str
    link: str
    waits_for_you: str
    sections: Sequence[Section]

    @property
    def count(self) -> int:
        return sum(len(section.messages) for section in self.sections)


def framed(parcel: Parcel) -> Frame:
    """Put a parcel into its frame."""
    chapters = _chapters(parcel.sections)
    unsubscribe = unsubscribe_url(parcel.recipient, parcel.thread)
    subject = _subject(parcel, chapters)
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
        "preferences_url": settings.PUBLIC_URL + PREFERENCES_PATH
        if isinstance(parcel.recipient, User)
        else "",
    }
    shape = "letter" if len(chapters) == 1 and not parcel.is_digest else "digest"
    return Frame(
        subject=subject,
        text=render_to_string(f"notify/{shape}.txt", context).strip() + "\n",
        html=render_to_string(f"notify/{shape}.html", context),
        unsubscribe_url=unsubscribe,
    )


def _chapters(sections: Sequence[Section]) -> list[ThreadChapter]:
    threads: dict[str, list[Section]] = {}
    for section in sections:
        threads.setdefault(section.thread, []).append(section)
    return [
        ThreadChapter(
            title=parts[0].letter.thread_title,
            link=parts[0].letter.link,
            waits_for_you=next(
                (part.letter.waits_for_you for part in parts if part.letter.waits_for_you), ""
            ),
            sections=parts,
        )
        for parts in threads.values()
    ]


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

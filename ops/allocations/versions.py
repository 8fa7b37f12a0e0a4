"""What changed between two versions of a request, part by part, for whoever has read the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.tickets.differences import Difference, pieces_of

Content = Mapping[str, Any]


def changes_between(before: Content, after: Content) -> list[Difference]:
    """Return the parts that differ between two contents, in the order of the form."""
    old, new = _parts(before), _parts(after)
    return [
        Difference(label, pieces_of(old.get(label, ""), new.get(label, "")))
        for label in {**new, **old}
        if old.get(label, "") != new.get(label, "")
    ]


def _parts(content: Content) -> dict[str, str]:
    """A content as texts by what they are called on the page; how a browser ends its lines is no difference."""
    texts = {
        "Title": content["title"],
        "Kind": content["purpose_label"],
        "Goes on from": content.get("earlier") or "",
        "PhD thesis": "yes" if content["is_thesis"] else "no",
        "Keywords": ", ".join(content["keywords"]),
        "Abstract": content["abstract"],
        "Science and methods": content["methods"],
        "Who asks": "\n".join(person["name"] for person in content.get("people", ())),
        **_amounts(content),
        **{f"“{each['question']}”": each["answer"] for each in content["answers"]},
        "Files": "\n".join(file["name"] for file in content["files"]),
    }
    return {label: text.replace("\r\n", "\n") for label, text in texts.items()}


def _amounts(content: Content) -> dict[str, str]:
    parts = {}
    for each in content["amounts"]:
        rows = zip(content["quarters"], each["asked"], each["minimum"], strict=True)
        parts[each["name"]] = "\n".join(
            f"{quarter}: {asked} {each['unit']}, at least {least}" for quarter, asked, least in rows
        )
        parts[f"Why so much {each['name'].lower()}"] = each["justification"]
    return parts

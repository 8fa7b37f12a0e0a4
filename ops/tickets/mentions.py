"""People named in a text as `@username`; they are told of it, as far as they may see it."""

from __future__ import annotations

import re

from ops.people.models import User

MOST_AT_ONCE = 20
_NAME = re.compile(r"(?<![\w@/.])@([\w+-](?:[\w.+-]*[\w+-])?)")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)


def mentioned_in(text: str) -> list[User]:
    """Return the accounts named in a Markdown text, at most twenty; what stands in code names nobody."""
    names = list(dict.fromkeys(_NAME.findall(_CODE.sub("", text))))[:MOST_AT_ONCE]
    return list(User.objects.visible_to(None).filter(username__in=names)) if names else []

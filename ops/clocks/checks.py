"""`manage.py check --database default` names every policy that can never apply, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import connections

from ops.clocks.models import DeadlinePolicy
from ops.clocks.validation import problems, shadowed


@register(Tags.database)
def check_policies(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Report policies that nothing can read, that speak of what does not exist, or that always lose to
    another.
    """
    if not databases or not _is_migrated(databases[0]):
        return []
    found: list[CheckMessage] = []
    readable = []
    for policy in DeadlinePolicy.objects.using(databases[0]).filter(active=True):
        wrong = problems(policy)
        found += [
            Error(
                f"The policy “{policy.slug}” can never apply: {sentence}",
                obj=policy,
                id=f"clocks.E001.{field}",
            )
            for field, sentence in wrong
        ]
        if not wrong:
            readable.append(policy)
    for policy, other in shadowed(readable):
        hint = f"Give “{policy.slug}” a lower position than “{other.slug}”, or a narrower condition to the latter."
        sentence = (
            f"The policy “{policy.slug}” never counts: wherever it applies, “{other.slug}” comes first."
        )
        found.append(Warning(sentence, hint=hint, obj=policy, id="clocks.W001"))
    return found


def _is_migrated(database: str) -> bool:
    # `migrate` runs these checks too, and on an empty database there is nothing to check yet.
    tables = connections[database].introspection.table_names()
    return DeadlinePolicy._meta.db_table in tables

"""What a signature is bound to: the SHA-256 of a content, and whether the campaign still says the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# What somebody could change and thereby make signatures void, with the words in which they are told.
# Names of people and the later life of issues are in the content as they were, and are no part of this; so is how a
# criterion stood that the desk computes, from issues and approvals, or from results that are compared themselves.
SIGNED_FOR: Mapping[str, str] = {
    "objectives": "the objectives",
    "environments": "the environments",
    "entry_criteria": "the entry criteria",
    "exit_criteria": "the exit criteria",
    "figures": "the figures",
    "assessment": "the overall assessment",
    "recommendations": "the recommended improvements",
    "details": "the detailed results",
}
_AS_IT_WAS = frozenset({"tester", "waived_by", "maturity", "issues", "how"})
_COMPUTED_AS_IT_WAS = frozenset({"standing", "tone"})


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a content, in hexadecimal; in whatever order its keys stand."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def changed_since(signed: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return, in words, the sections of which the campaign now says something else than what was put out."""
    return [
        words for name, words in SIGNED_FOR.items() if _compared(signed.get(name)) != _compared(now.get(name))
    ]


def _compared(value: Any) -> Any:
    if isinstance(value, Mapping):
        left_out = _AS_IT_WAS | (_COMPUTED_AS_IT_WAS if value.get("is_computed") else frozenset())
        return {name: _compared(each) for name, each in value.items() if name not in left_out}
    if isinstance(value, list | tuple):
        found = [_compared(each) for each in value]
        # Cases say the same in whatever order they are told.
        return sorted(found, key=lambda each: str(each["case"])) if _tells_cases(found) else found
    return value


def _tells_cases(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(each, Mapping) and "case" in each for each in values)

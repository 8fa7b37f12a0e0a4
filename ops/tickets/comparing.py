"""What two texts have in common, found in bounded time whatever stands in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

# Of what stands there again and again, every place of one text is compared with every place of the other. Beyond so
# many pairs a passage counts as changed throughout, and nobody waits for minutes.
MOST_PAIRS = 100_000


def shared_runs(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the runs of lines, or words, that two texts share: where each begins in either, and how long it is.

    What both begin and end with is always found; what they share in between, as far as it can be told in time.
    """
    shorter = min(len(one), len(other))
    head = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if one[-1 - n] != other[-1 - n]), rest)
    between = _between(one[head : len(one) - tail], other[head : len(other) - tail])
    runs = [
        (0, 0, head),
        *((at + head, at_other + head, length) for at, at_other, length in between),
        (len(one) - tail, len(other) - tail, tail),
    ]
    return [run for run in runs if run[2]]


def _between(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int]]:
    times, times_other = Counter(one), Counter(other)
    if sum(count * times_other[part] for part, count in times.items()) > MOST_PAIRS:
        return []
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]

"""Sentences whose words are as unevenly common as those of a language, so that a search has work to do."""

from __future__ import annotations

import random
from itertools import accumulate

SENTENCES = 5_000
COMMONEST = "image"
"""Stands in nearly every text."""
RARE = "zirconium"
"""Stands in twenty issues and in twenty comments, whatever the number of them."""

_DOMAIN = """
    image query table portal catalog visit object detector pipeline alert notebook error band pixel exposure mask
    template source service flux calibration position photometry background release butler dataset coverage
    survey tract patch cutout deblender astrometry footprint galaxy star moving difference coadd aperture noise
    magnitude zeropoint ephemeris broker transient variability timeout login download memory kernel plot axis
    column filter schema documentation tutorial forum request quota cluster queue latency version upgrade
""".split()  # noqa: SIM905
_GLUE = "the of a in and is to for with when that not on from after it are was by at".split()  # noqa: SIM905
_SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo zu an el ir os um tha cri pla sto gre".split()  # noqa: SIM905


def sentences(count: int = SENTENCES, seed: int = 7) -> list[str]:
    """Return made-up sentences, always the same ones for a seed."""
    chance = random.Random(seed)
    invented = {"".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(3_000)}
    vocabulary = [*_DOMAIN, *sorted(invented)]
    weights = list(accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))
    return [_sentence(chance, vocabulary, weights) for _ in range(count)]


def _sentence(chance: random.Random, vocabulary: list[str], weights: list[float]) -> str:
    length = chance.randint(5, 9)
    told = chance.choices(vocabulary, cum_weights=weights, k=length)
    words = [word for pair in zip(chance.choices(_GLUE, k=length), told, strict=True) for word in pair]
    return f"{' '.join(words).capitalize()}."

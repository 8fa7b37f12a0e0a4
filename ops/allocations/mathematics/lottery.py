"""Lots among equals, by a seed that was fixed before anybody knew who would be equal.

The seed is drawn once and kept; its hash is shown to everybody at once. When the results are out the seed is shown
too: whoever wishes hashes it, finds the hash that was shown, and draws the same lots again.
"""

from __future__ import annotations

import hashlib
import secrets


def new_seed() -> str:
    """Draw a seed: 32 bytes of chance, as hexadecimal digits."""
    return secrets.token_hex(32)


def commitment_to(seed: str) -> str:
    """Return what is shown beforehand: the SHA-256 of the seed's digits."""
    return hashlib.sha256(seed.encode()).hexdigest()


def lot(seed: str, name: str) -> str:
    """Return the lot of a request; of equals, the one with the smaller lot (as text) comes first."""
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()

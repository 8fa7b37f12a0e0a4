"""What names a request or a reviewer here: anything that can be a key of a dictionary and reads the same twice."""

from __future__ import annotations

from typing import Any

Key = Any
Pair = tuple[Key, Key]

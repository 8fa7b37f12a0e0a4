"""What a new installation begins with: the platform's default quotas. Plain data, loaded by a migration."""

from __future__ import annotations

from typing import Any

GIB = 2**30
FIRST_BASE: dict[str, Any] = {
    "default": {
        "api": {"herald": 250, "hips": 1000, "sia": 70, "tap": 1000, "vo-cutouts": 35},
        "disk": {"/home": 40 * GIB},
        "notebook": {"cpu": 4.0, "memory": 32.0, "spawn": True},
        "tap": {"qserv": {"concurrent": 12}},
    }
}

"""The collector of garbage, as the web processes have set it."""

from __future__ import annotations

import gc


def look_for_garbage_as_the_web_does() -> None:
    """Leave alone what is there, and look less often: see `post_worker_init` in gunicorn.conf.py."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)

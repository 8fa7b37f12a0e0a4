from __future__ import annotations

import json
import logging

from ops.logs import JsonFormatter


def test_a_line_is_one_object_whatever_is_logged() -> None:
    error = ValueError("first\nsecond")
    exc_info = (ValueError, error, None)
    record = logging.LogRecord("ops.x", logging.ERROR, "x.py", 1, "%s\nbroke", ("it",), exc_info)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    line = json.loads(text)
    assert (line["level"], line["logger"], line["message"]) == ("error", "ops.x", "it\nbroke")
    assert "ValueError: first" in line["traceback"]
    assert line["time"].endswith("+00:00")

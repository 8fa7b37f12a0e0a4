"""What dev.py needs of a developer's machine: packages, processes, private servers. Standard library only, since it
runs before anything is installed."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # this is where somebody finds out
    sys.exit("dev.py: Python 3.11 or newer is needed.")

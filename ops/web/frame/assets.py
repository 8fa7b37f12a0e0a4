"""The files of npm packages that pages are given, and how Django's static files find them."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NODE_MODULES: Path = settings.BASE_DIR / "node_modules"

# Folder under /static/ → where the package keeps its files, and those we serve. Nothing else of node_modules
# leaves the machine. A style sheet or script that names its source map must bring it, or hashing refuses it.
SERVED: dict[str, tuple[str, tuple[str, ...]]] = {
    "vendor/tabler": ("@tabler/core/dist/css", ("tabler.min.css", "tabler.min.css.map")),
    "vendor/inter": (
        "@fontsource-variable/inter/files",
        (
            "inter-latin-wght-normal.woff2",
            "inter-latin-ext-wght-normal.woff2",
            "inter-greek-wght-normal.woff2",
            "inter-cyrillic-wght-normal.woff2",
        ),
    ),
    "vendor/htmx": ("htmx.org/dist", ("htmx.min.js",)),
    "vendor/sortable": ("sortablejs", ("Sortable.min.js",)),
    "vendor/chart": ("chart.js/dist", ("chart.umd.min.js", "chart.umd.min.js.map")),
}


class NodeModulesFinder(BaseFinder):
    """Finds exactly the files of `SERVED`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.storages: dict[str, FileSystemStorage] = {}
        for prefix, (folder, _) in SERVED.items():
            storage = FileSystemStorage(location=NODE_MODULES / folder)
            storage.prefix = prefix  # type: ignore[attr-defined]  # collectstatic reads it
            self.storages[prefix] = storage

    def find(self, path: str, find_all: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """Return where a served file lies; with `find_all`, a list of that or nothing."""
        prefix, _, name = path.rpartition("/")
        _, names = SERVED.get(prefix, ("", ()))
        found = [self.storages[prefix].path(name)] if name in names else []
        if find_all:
            return found
        return found[0] if found else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield every served file with its storage; one that is not installed is an error of collectstatic."""
        for prefix, (_, names) in SERVED.items():
            for name in names:
                if not any(fnmatch(name, pattern) for pattern in ignore_patterns or ()):
                    yield name, self.storages[prefix]

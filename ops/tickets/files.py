"""Which files are taken in, and how they are given out."""

from __future__ import annotations

import logging
import unicodedata
from pathlib import PurePosixPath

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile

from ops.workflow.errors import InvalidInput, NotFound

logger = logging.getLogger(__name__)

# What astronomers send; scripts and pages are taken as text only, because everything is given out as a download.
ACCEPTED_ENDINGS = frozenset(
    [
        ".bz2",
        ".csv",
        ".dat",
        ".ecsv",
        ".fits",
        ".fz",
        ".gif",
        ".gz",
        ".h5",
        ".hdf5",
        ".ipynb",
        ".jpeg",
        ".jpg",
        ".json",
        ".log",
        ".md",
        ".parquet",
        ".pdf",
        ".png",
        ".py",
        ".reg",
        ".rst",
        ".sql",
        ".svg",
        ".tar",
        ".tgz",
        ".toml",
        ".tsv",
        ".txt",
        ".vot",
        ".votable",
        ".webp",
        ".xml",
        ".xz",
        ".yaml",
        ".yml",
        ".zip",
    ]
)
LONGEST_NAME = 150
_MIB = 1024 * 1024
_PDF = b"%PDF-"


def opened(file: FieldFile) -> File:
    """Open a kept file; raises `NotFound` where the store has lost it, which the operators find in their log."""
    try:
        return file.open()
    except FileNotFoundError:
        logger.error("The store has no file %s; restore it from a backup.", file.name)  # noqa: TRY400  # no fault
        raise NotFound("This file was here, but the store has lost it. Please tell the operators.") from None


def accepted_name(upload: UploadedFile, *, limit: int) -> str:
    """Return a safe name for an uploaded file; raises `InvalidInput` where the file is refused."""
    name = _safe_name(upload.name or "")
    ending = PurePosixPath(name).suffix.lower()
    if not upload.size:
        raise _refusal("The file is empty; choose another.")
    if upload.size > limit:
        raise _refusal(
            f"The file has {upload.size / _MIB:.1f} MiB; at most {limit // _MIB} MiB are accepted. "
            "Put it where it can be downloaded and give the link."
        )
    if ending not in ACCEPTED_ENDINGS:
        known = " ".join(sorted(ACCEPTED_ENDINGS))
        raise _refusal(f"Files ending in “{ending or 'nothing'}” are not accepted; these are: {known}.")
    if ending == ".pdf" and not _is_pdf(upload):
        raise _refusal("This file ends in .pdf but is none; export it as PDF, or give it its own ending.")
    return name


def _is_pdf(upload: UploadedFile) -> bool:
    upload.seek(0)
    head = upload.read(len(_PDF))
    upload.seek(0)
    return head == _PDF


def _safe_name(name: str) -> str:
    plain = unicodedata.normalize("NFC", PurePosixPath(name.replace("\\", "/")).name)
    printable = "".join(char for char in plain if char.isprintable() and char not in '"<>|:*?')
    stem, ending = PurePosixPath(printable).stem, PurePosixPath(printable).suffix
    return f"{stem[:LONGEST_NAME]}{ending}".strip() or "file"


def _refusal(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={"file": [sentence]})

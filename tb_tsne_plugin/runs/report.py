"""What the export that made a run has to tell whoever looks at it: the sentences of export_report.json.

The exporter writes the file; it may be missing, of a later version, somebody else's or damaged, and then tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import LEFT_OUT_NAME, MADE_BY, REPORT_NAME

MAX_REPORT_BYTES = 1 << 24
MAX_NOTES = 100
MAX_NOTE_LENGTH = 1_000
_KINDS = 3
_LEADING_FOLDERS = re.compile(r"(?<![\w./-])/(?:[^\s/]+/)+")


class _Skipped(msgspec.Struct):
    file: str = ""
    reason: str = ""


class _Report(msgspec.Struct):
    """What is read of the file; whatever else stands there is passed over."""

    made_by: str = ""
    notes: list[str] = []
    left_out: list[_Skipped] = []
    more_left_out: int = 0
    passed_over: dict[str, int] = {}
    settings: dict[str, Any] = {}


def export_notes(folder: Path) -> list[str]:
    """Sentences for the user about the export that made a run; none where no report of ours says anything.

    Args:
      folder: The run's folder.

    Returns:
      At most `MAX_NOTES` sentences of at most `MAX_NOTE_LENGTH` characters, without absolute paths.
    """
    report = _read(folder)
    if report is None:
        return []
    return [_shown(note) for note in (*_left_out(report), *report.notes[:MAX_NOTES]) if note.strip()][:MAX_NOTES]


def made_by_us(folder: Path) -> bool:
    """Whether an export of ours made a run."""
    return _read(folder) is not None


def export_settings(folder: Path) -> dict[str, Any]:
    """How the export that made a run was made, in its own words (JSON); nothing where no report of ours tells."""
    report = _read(folder)
    return {} if report is None else report.settings


def export_setting(folder: Path, name: str) -> str:
    """What was given to the export that made a run under a name, as the report tells; empty where it does not."""
    value = export_settings(folder).get(name)
    return value if isinstance(value, str) else ""


def _read(folder: Path) -> _Report | None:
    try:
        with Folder(folder).open(REPORT_NAME) as file:
            content = file.read(MAX_REPORT_BYTES + 1)
        if len(content) > MAX_REPORT_BYTES:
            return None
        # Names of files that are no text stand there as lone surrogates, which are no UTF-8 and go into no answer.
        report = msgspec.json.decode(content.decode("utf-8", "replace").encode(), type=_Report)
    except (OSError, ValueError, RecursionError):
        return None
    return report if report.made_by == MADE_BY else None


def _left_out(report: _Report) -> Iterator[str]:
    """What is in the images' folder and not in the run."""
    if skipped := report.left_out:
        count = len(skipped) + max(0, report.more_left_out)
        what = "1 image was left out" if count == 1 else f"{count:,} images were left out, the first"
        where = f" {LEFT_OUT_NAME} in its folder lists all." if count > len(skipped) else ""
        yield f"{what}: {skipped[0].file}: {skipped[0].reason}.{where}"
    if kinds := {kind: count for kind, count in report.passed_over.items() if count > 0}:
        count = sum(kinds.values())
        what = "1 file of another kind was" if count == 1 else f"{count:,} files of other kinds were"
        most = sorted(kinds, key=lambda kind: -kinds[kind])[:_KINDS]
        listed = ", ".join(f"{kinds[kind]:,} {kind}" for kind in most)
        yield f"{what} passed over: {listed}{' and others' if len(kinds) > _KINDS else ''}."


def _shown(note: str) -> str:
    text = _LEADING_FOLDERS.sub("", " ".join(note.split()))
    return text if len(text) <= MAX_NOTE_LENGTH else f"{text[:MAX_NOTE_LENGTH]}…"

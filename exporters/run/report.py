"""export_report.json: what an export wrote, for people, for the next export, and for one that goes on."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from exporters.errors import ExportError
from exporters.images.listing import describe_kinds
from exporters.images.outcomes import Skipped
from exporters.images.own_runs import files_of_report
from exporters.run.unfinished import damaged, parse, read_whole
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import MADE_BY, OBJECTS, REPORT_NAME, counted

TILES = "tiles"
"""The setting that says that samples are tiles, and of which size."""
PICTURE_SIZE, PAGES, ADDED = "picture size", "pages", "added"
"""Settings that say how large pictures are kept, whether each page is a sample, and what was added later."""
MOST_OF_A_KIND, MOST_LISTED = 100, 1_000
"""How many of the images left out the report lists; where there are more, left_out.tsv has all."""
_PARTICULARS = re.compile(r"\(.*?\)|[\d.,+-]+(?:e[+-]?\d+)?")
_NOUNS = {OBJECTS: "object", TILES: "tile"}


@dataclass(frozen=True)
class RunSummary:
    """What was written.

    Attributes:
        run_dir: The run's folder.
        tensors: (rows, width) of each features' tensor, by name.
        skipped: Images that are in no output, and why; of a run that was finished before those that its report lists.
        more_skipped: How many more there are then; left_out.tsv has all.
        labels_kept: Labels carried over from the run that stood there before.
        labels_orphaned: Labels of that run whose image is not in this one; they wait in orphaned_labels.tsv.
        notes: Sentences that the user should read.
        passed_over: How many files among the images were of other kinds, by kind: `.txt`, or `without a suffix`.
        not_drawn: How many images are in no output because a sample was drawn.
        noun: What a sample is called.
    """

    run_dir: Path
    tensors: Mapping[str, tuple[int, int]]
    skipped: Sequence[Skipped] = ()
    labels_kept: int = 0
    labels_orphaned: int = 0
    notes: list[str] = field(default_factory=list)
    passed_over: Mapping[str, int] = field(default_factory=dict)
    not_drawn: int = 0
    noun: str = "image"
    more_skipped: int = 0

    @property
    def left_out(self) -> int:
        """How many images are in no output."""
        return len(self.skipped) + self.more_skipped

    @property
    def images(self) -> int:
        """How many samples the run has."""
        return next(iter(self.tensors.values()))[0]

    @property
    def account(self) -> str:
        """What became of every file, as a sum that adds up."""
        parts = [counted(self.images, self.noun), f"{self.left_out:,} left out"]
        if self.passed_over:
            count = sum(self.passed_over.values())
            parts.append(f"{count:,} of other kinds passed over ({describe_kinds(self.passed_over)})")
        if self.not_drawn:
            parts.append(f"{self.not_drawn:,} not drawn (--max-samples)")
        return f"Found {self.found:,} in all: {', '.join(parts)}."

    @property
    def found(self) -> int:
        """All files that were met, hidden ones and runs apart; each page that could be a sample counts as one."""
        return self.images + self.left_out + sum(self.passed_over.values()) + self.not_drawn


class _SkippedFile(msgspec.Struct):
    file: str
    reason: str


class Report(msgspec.Struct, kw_only=True):
    """The file's own words; they stay as they are, because older runs have them."""

    made_by: str = MADE_BY
    images: int
    tensors: dict[str, tuple[int, int]]
    settings: dict[str, object]
    skipped: list[_SkippedFile] = msgspec.field(name="left_out")
    more_skipped: int = msgspec.field(name="more_left_out", default=0)
    passed_over: dict[str, int] = {}
    not_drawn: int = 0
    found: int = 0
    labels_kept: int
    labels_orphaned: int
    notes: list[str]
    files: list[str]


def listed(skipped: Sequence[Skipped]) -> list[Skipped]:
    """Those of the images left out that the report lists: the first of every kind of reason, whatever its numbers are.

    A report stays far below what is read of it (`tb_tsne_plugin.runs.report`), however many boxes are odd.
    """
    kinds: Counter[str] = Counter()
    found: list[Skipped] = []
    for image in skipped:
        kind = _PARTICULARS.sub("", image.reason)
        kinds[kind] += 1
        if kinds[kind] <= MOST_OF_A_KIND and len(found) < MOST_LISTED:
            found.append(image)
    return found


def format_report(summary: RunSummary, settings: Mapping[str, object], files: Sequence[str]) -> str:
    """The report's text.

    Args:
        summary: What was written.
        settings: How (JSON).
        files: Names of the run's files, inside its folder.
    """
    shown = listed(summary.skipped)
    report = Report(
        images=summary.images,
        tensors=dict(summary.tensors),
        settings=dict(settings),
        skipped=[_SkippedFile(image.name, image.reason) for image in shown],
        more_skipped=summary.left_out - len(shown),
        passed_over=dict(summary.passed_over),
        not_drawn=summary.not_drawn,
        found=summary.found,
        labels_kept=summary.labels_kept,
        labels_orphaned=summary.labels_orphaned,
        notes=summary.notes,
        files=list(files),
    )
    return json.dumps(msgspec.to_builtins(report), indent=1, ensure_ascii=False) + "\n"


def read_files(run: Folder) -> list[str] | None:
    """Names of the files of the export that made this run, as its report tells; None where no export of ours did."""
    try:
        return files_of_report(read_whole(run, REPORT_NAME))
    except (OSError, ExportError):
        return None


def read_report(run: Folder) -> Report:
    """The report of a finished run.

    Raises:
        ExportError: If it is none.
    """
    try:
        report = parse(read_whole(run, REPORT_NAME), Report)
    except ValueError as error:
        raise damaged(f"{REPORT_NAME}: {error}") from error
    if not report.tensors:
        raise damaged(f"{REPORT_NAME} tells of no features")
    return report


def read_summary(run: Folder) -> RunSummary:
    """The summary that a finished run's report tells of.

    Raises:
        ExportError: If it is no report.
    """
    report = read_report(run)
    skipped = [Skipped(image.file, image.reason) for image in report.skipped]
    return RunSummary(
        run.path,
        report.tensors,
        skipped,
        report.labels_kept,
        report.labels_orphaned,
        report.notes,
        report.passed_over,
        report.not_drawn,
        next((noun for setting, noun in _NOUNS.items() if setting in report.settings), "image"),
        report.more_skipped,
    )

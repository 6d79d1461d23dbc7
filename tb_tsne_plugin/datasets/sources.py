"""Where the user's own files are, as the report of the run's export tells: it is believed only as far as that fits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.datasets.model import Sample
from tb_tsne_plugin.datasets.pictures import UsersPictures
from tb_tsne_plugin.runs.format import OBJECTS, SOURCE
from tb_tsne_plugin.runs.report import export_setting


def check_scheme(run: Path, scheme: str) -> None:
    """Refuses annotations of another format than the run was exported from: in each, objects have other ids.

    Args:
      run: The run's folder.
      scheme: The annotations' format.

    Raises:
      DatasetError: If the report tells of another one.
    """
    told = export_setting(run, OBJECTS).partition(":")[0]
    if told not in ("", scheme):
        raise DatasetError(
            f"The run was exported from annotations of another format ({told}), and its objects have other ids in "
            f"{scheme}: take {told}, or a table."
        )


def reported_annotations(run: Path, scheme: str, here: Path) -> GivenFiles:
    """The annotations that a run was exported from.

    Args:
      run: The run's folder.
      scheme: Their format.
      here: The folder that a relative path is told from.

    Raises:
      DatasetError: If they are not told, or are no longer there.
    """
    path = export_setting(run, OBJECTS).partition(":")[2]
    ask = f"say with --objects {scheme}:PATH where your annotations are; only their classes are changed."
    if not path:
        raise DatasetError(f"The run's report names no annotations: {ask}")
    try:
        return GivenFiles(here / path)
    except DatasetError:
        raise DatasetError(f"The annotations are no longer where the run's report says: {ask}") from None


def reported_pictures(run: Path, samples: Sequence[Sample], here: Path) -> UsersPictures:
    """The images that a run was exported from, if each file is the very one that was.

    A report may come from anybody, and name any folder. The samples' names tell whether a file is meant: they are made
    of its name and its bytes.

    Args:
      run: The run's folder.
      samples: The samples whose images are looked for.
      here: The folder that a relative path is told from.

    Raises:
      DatasetError: If they are not there.
    """
    if name := export_setting(run, SOURCE):
        pictures = UsersPictures(here / name)
        if pictures.folder.is_dir() and pictures.holds_what_was_exported(samples):
            return pictures
    raise DatasetError(
        "The images are not where the run's report says, or are others by now: say with --images where they are, or "
        "take the pictures that the run keeps with --run-pictures."
    )

"""Where the pictures of a dataset come from: the user's own files, or the pictures that the run keeps."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.model import Sample
from tb_tsne_plugin.runs import Pictures, RunError
from tb_tsne_plugin.runs.class_names import shown
from tb_tsne_plugin.runs.files import contained_path, open_contained
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import counted
from tb_tsne_plugin.runs.sample_ids import content_sample_id, encoded_name

Kept = TypeVar("Kept")


class UsersPictures:
    """The user's own files. They get further names where that can be (hard links), and are copied otherwise."""

    def __init__(self, folder: Path) -> None:
        """Names the folder of the images; what a link there leads to counts as long as it stays inside."""
        self.folder = folder

    def check(self, samples: Sequence[Sample]) -> None:
        """Refuses samples whose files are not there."""
        missing = [sample.file for sample in samples if not self._is_there(sample.file)]
        if missing:
            are = "is" if len(missing) == 1 else "are"
            raise DatasetError(
                f"{len(missing):,} of {counted(len(samples), 'image')} {are} not in {self.folder}, the first "
                f"{shown(missing[0])}: nothing was written."
            )

    def put(self, sample: Sample, folder: Folder, name: str) -> None:
        """Links or copies a file."""
        try:
            path = contained_path(self.folder, _below(sample.file))
            source = open_contained(self.folder, _below(sample.file))
        except (RunError, OSError, ValueError):
            raise DatasetError(f"{shown(sample.file)} is no longer in {self.folder}: nothing was written.") from None
        with source:
            if not folder.link(source, path, name):
                with folder.create(name) as target:
                    shutil.copyfileobj(source, target)

    def suffix(self, sample: Sample) -> str:
        """The file's own."""
        return PurePosixPath(sample.file).suffix

    def holds_what_was_exported(self, samples: Sequence[Sample]) -> bool:
        """Whether each file is the very one that was exported: a sample's name is made of its file's name and bytes."""
        return all(self._is_there(sample.file) and self._is_named_after(sample) for sample in samples)

    def _is_named_after(self, sample: Sample) -> bool:
        with open_contained(self.folder, _below(sample.file)) as file:
            content = file.read()
        parts = [encoded_name(PurePosixPath(sample.file).name), content]
        twin = [*parts, encoded_name(sample.file)]
        return sample.sample_id in (content_sample_id(parts), content_sample_id(twin))

    def _is_there(self, name: str) -> bool:
        try:
            return contained_path(self.folder, _below(name)).is_file()
        except (RunError, OSError, ValueError):
            return False


class RunPictures:
    """The pictures that the run keeps (`images.zip`): of the size that they were exported with."""

    def __init__(self, pictures: Pictures) -> None:
        """Names the run's pictures; nothing is read yet."""
        self._pictures = pictures

    def check(self, samples: Sequence[Sample]) -> None:
        """Refuses samples of which the run keeps none."""
        for sample in samples:
            self.suffix(sample)

    def put(self, sample: Sample, folder: Folder, name: str) -> None:
        """Writes a picture."""
        content = self.content(sample)
        with folder.create(name) as target:
            target.write(content)

    def suffix(self, sample: Sample) -> str:
        """That of its kind."""
        try:
            found = self._pictures.suffix(sample.sample_id)
        except RunError as error:
            raise DatasetError(str(error)) from None
        return self._kept(sample, found)

    def content(self, sample: Sample) -> bytes:
        """The bytes of a picture.

        Raises:
          DatasetError: If the run keeps none, or it cannot be read.
        """
        try:
            found = self._pictures.image(sample.sample_id)
        except RunError as error:
            raise DatasetError(str(error)) from None
        return self._kept(sample, found)

    def _kept(self, sample: Sample, found: Kept | None) -> Kept:
        if found is None:
            raise DatasetError(
                f"The run keeps no picture of {shown(sample.sample_id)}: nothing was written. "
                "`tb-tsne labels export` takes the images themselves, from the folder that --images names."
            )
        return found


def _below(name: str) -> str:
    """A file's name as a path below its folder: `~` is a letter there."""
    return f"./{name}"

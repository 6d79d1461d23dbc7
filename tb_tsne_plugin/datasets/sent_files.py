"""Files of a dataset, or somebody's own annotations, as they were sent: their names are letters, and open nothing."""

from __future__ import annotations

from collections.abc import Mapping

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.given_files import GivenFiles
from tb_tsne_plugin.runs.class_names import shown


class SentFiles(GivenFiles):
    """A file, or the files of a folder by their paths in it, as `GivenFiles` has those of this machine."""

    def __init__(self, name: str, contents: Mapping[str, bytes]) -> None:
        """Takes them.

        Args:
          name: What the file or folder is called.
          contents: Bytes by the path below the folder; by an empty one those of the file.
        """
        self._name = name
        self._contents = contents
        self.is_folder = "" not in contents

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    def above(self) -> GivenFiles:
        """A folder with nothing in it: nothing was sent of what is around."""
        return SentFiles(self._name, {})

    def holds(self, name: str) -> bool:
        """Whether there is a file of a name in the folder."""
        return self.is_folder and name in self._contents

    def read(self, name: str = "") -> bytes:
        """The bytes of a file in the folder; of the file itself without a name."""
        if name not in self._contents:
            what = f"{self._name}/{name} was not sent." if name else f"{self._name} is a folder, and not one file."
            raise DatasetError(what)
        return self._contents[name]

    def names(self, suffix: str = "") -> list[str]:
        """The files below the folder, sorted; hidden ones are passed over."""
        return sorted(
            name
            for name in self._contents
            if name and name.lower().endswith(suffix) and not any(part.startswith(".") for part in name.split("/"))
        )


def sent_files(contents: Mapping[str, bytes]) -> SentFiles:
    """What somebody chose: one file, or a folder, whose name stands before those of all files in it.

    Args:
      contents: Bytes by name, as browsers tell names: `instances.json`, or `cells/labels/1.txt`.

    Raises:
      DatasetError: If they are neither, or a name is none of a file.
    """
    for name in contents:
        if not all(part not in ("", ".", "..") for part in name.split("/")) or "\\" in name or "\0" in name:
            raise DatasetError(f"{shown(name)} is no name of a file in a folder.")
    top = {name.partition("/")[0] for name in contents}
    if len(top) != 1:
        raise DatasetError("Choose one file, or one folder.")
    (folder,) = top
    if folder in contents:
        return SentFiles(folder, {"": contents[folder]})
    return SentFiles(folder, {name.partition("/")[2]: content for name, content in contents.items()})

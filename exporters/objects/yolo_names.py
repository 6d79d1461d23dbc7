"""Where YOLO's classes have their names: `data.yaml`, or a list with a line for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from exporters.errors import ExportError

CLASS_LISTS = ("classes.txt", "obj.names", "labels.txt")
MAX_YAML_BYTES = 2**20
"""YAML is read slowly, and names are short."""


class Names(NamedTuple):
    """What is known of the classes.

    Attributes:
        names: A class's name by its number, as label files write it.
        has_keypoints: Whether rows go on with keypoints behind the box.
    """

    names: Mapping[str, str]
    has_keypoints: bool = False


def names_of_yaml(content: bytes, path: str) -> Names:
    """The names that a `data.yaml` gives: a list, or a mapping by number.

    Raises:
        ExportError: If it is no such file.
    """
    import yaml

    if len(content) > MAX_YAML_BYTES:
        raise ExportError(f"{path} is over the limit of {MAX_YAML_BYTES // 2**20} MiB.")
    try:
        data: Any = yaml.load(content, Loader=_without_aliases(yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ExportError(f"{path} cannot be read as YAML: {str(error).splitlines()[0]}.") from error
    given = data.get("names") if isinstance(data, dict) else None
    if isinstance(given, list):
        given = dict(enumerate(given))
    if not isinstance(given, dict):
        raise ExportError(f"{path} needs names: a list, or a name for each class's number.")
    names = {str(number): str(name) for number, name in given.items() if isinstance(name, (str, int, float))}
    return Names(names, bool(data.get("kpt_shape")))


def names_of_list(content: bytes, path: str) -> Names:
    """The names of a text file: that of class 0 in the first line.

    Raises:
        ExportError: If it is no text.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ExportError(f"{path} is not text in UTF-8.") from None
    return Names({str(number): line.strip() for number, line in enumerate(lines)})


def _without_aliases(loader: Any) -> Any:
    """A loader that takes nothing for a reference: a few lines of references can stand for any number of values."""

    class Plain(loader):  # type: ignore[misc]
        def compose_node(self, parent: Any, index: Any) -> Any:
            import yaml

            if self.check_event(yaml.events.AliasEvent):
                raise ValueError("it has references (*name), which are not read")
            return super().compose_node(parent, index)

    return Plain

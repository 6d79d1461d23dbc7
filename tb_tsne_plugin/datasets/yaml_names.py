"""The names of the classes in a `data.yaml`: read, and new ones put behind them with all else to the letter."""

from __future__ import annotations

import json

import yaml

from tb_tsne_plugin.datasets.json_spans import spliced


class YamlNames:
    """The names in a file.

    Attributes:
      names: By number.
      has_keypoints: Whether rows of labels go on with keypoints behind the box.
    """

    def __init__(self, text: str) -> None:
        """Reads them; nothing that the file says of other files counts.

        Raises:
          ValueError: If there are none.
        """
        self._text = text
        self.names: dict[int, str] = {}
        try:
            top = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError) as error:
            raise ValueError(str(error)) from None
        found = {_name(key): value for key, value in top.value} if isinstance(top, yaml.MappingNode) else {}
        node = found.get("names")
        if isinstance(node, yaml.SequenceNode):
            self._values = node.value
            self.names = {number: _name(value) for number, value in enumerate(self._values)}
        elif isinstance(node, yaml.MappingNode):
            self._values = [value for _, value in node.value]
            self.names = {int(_name(key)): _name(value) for key, value in node.value}
        else:
            raise ValueError("it has no names")
        self._node, self._count = node, found.get("nc")
        shape = found.get("kpt_shape")
        self.has_keypoints = shape is not None and not shape.tag.endswith(":null") and bool(shape.value)

    def with_more(self, names: dict[int, str]) -> str:
        """The text with further names by number, which follow those that are there."""
        if not names:
            return self._text
        node, text = self._node, self._text
        is_list = isinstance(node, yaml.SequenceNode)
        parts = [_scalar(name) if is_list else f"{number}: {_scalar(name)}" for number, name in names.items()]
        if node.flow_style or not self._values:
            at = self._values[-1].end_mark.index if self._values else node.start_mark.index + 1
            changes = [(at, at, (", " if self._values else "") + ", ".join(parts))]
        else:
            end = text.find("\n", self._values[-1].start_mark.index)
            at = len(text) if end < 0 else end - text[:end].endswith("\r")
            line_end = "\r\n" if "\r\n" in text else "\n"
            begin = line_end + " " * node.start_mark.column + ("- " if is_list else "")
            changes = [(at, at, "".join(begin + part for part in parts))]
        if isinstance(self._count, yaml.ScalarNode):
            count = str(len(self.names) + len(names))
            changes.append((self._count.start_mark.index, self._count.end_mark.index, count))
        return spliced(text, changes)


def _name(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("a name is no text")
    return str(node.value)


def _scalar(name: str) -> str:
    """A name as YAML: bare where it then means just that."""
    try:
        # `y` and `n` are yes and no to some programs.
        is_plain = (
            len(name) > 1 and yaml.safe_load(f"[{name}]") == [name] and yaml.safe_load(f"x: {name}") == {"x": name}
        )
    except yaml.YAMLError:
        is_plain = False
    return name if is_plain and name.isascii() else json.dumps(name, ensure_ascii=False)

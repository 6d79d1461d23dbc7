"""What documents tell people to type or to write into a file, so that tests can do just that."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


class Section:
    """A section of a document in docs/, up to the next heading of its level or above."""

    def __init__(self, document: str, heading: str) -> None:
        """Finds it.

        Args:
          document: The file's name.
          heading: Its heading, with the signs before it: `## nginx`.
        """
        text = (DOCS / document).read_text(encoding="utf-8")
        level = len(heading.split(" ", maxsplit=1)[0])
        found = re.split(rf"^{re.escape(heading)}\n", text, maxsplit=1, flags=re.MULTILINE)
        assert len(found) == 2, f"{document} has no heading {heading!r}"
        # A comment in a block begins as a heading does: blocks are passed over whole.
        whole = re.match(rf"(?:^```.*?^```$|(?!^#{{1,{level}}} ).)*", found[1], flags=re.MULTILINE | re.DOTALL)
        assert whole is not None
        self.text = whole[0]

    def block(self, language: str) -> str:
        """Its first block of a language."""
        return self.blocks(language)[0]

    def blocks(self, language: str) -> list[str]:
        """All its blocks of a language."""
        return re.findall(rf"^```{language}\n(.*?)^```$", self.text, flags=re.MULTILINE | re.DOTALL)

    def command(self, *words: str) -> list[str]:
        """The first command in its `sh` blocks that begins so (but for `sudo`), in words, without its comment."""
        for line in "".join(self.blocks("sh")).replace("\\\n", " ").splitlines():
            said = shlex.split(line, comments=True)
            said = said[1:] if said[:1] == ["sudo"] else said
            if said[: len(words)] == list(words):
                return said
        raise AssertionError(f"no command begins with {' '.join(words)}")

    def flags(self) -> list[str]:
        """What it gives TensorBoard beside the log dir."""
        words = self.command("tensorboard", "--logdir")
        return words[3:]


def changed(text: str, changes: dict[str, str]) -> str:
    """A text with other names, ports and folders; each must be in it."""
    for before, after in changes.items():
        assert before in text, f"{before!r} is not in\n{text}"
        text = text.replace(before, after)
    return text

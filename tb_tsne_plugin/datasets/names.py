"""Names of files and folders in a dataset: such that every system takes, and that nothing else is meant by.

A name stays as it is where every system takes it. Otherwise `_` stands for what cannot, and `~` with a part of a digest
of the true name comes behind: different names stay different.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

MAX_NAME_BYTES = 200
"""Of 255: a suffix, and what a program puts before or behind, must fit as well."""
_DIGEST = 8
_UNFIT = re.compile(r'[<>:"/\\|?*\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')
"""What Windows takes in no name, and what cannot be seen."""
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])\s*(\..*)?", re.IGNORECASE)
_HIDDEN = re.compile(r"[.\s~]|__")
"""How names begin that programs pass over: hidden files, and what Hugging Face's `datasets` skips."""


def portable_name(text: str, *, marked: bool = False) -> str:
    """A name for a file or a folder.

    Args:
      text: Anything.
      marked: Put the digest behind it in any case.

    Returns:
      The text, where every system takes it for a name; else what is left of it, with a part of a digest behind.
    """
    name = _UNFIT.sub("_", text)
    name = _HIDDEN.sub("_", name, count=1) if _HIDDEN.match(name) else name
    name = name.rstrip(". ")
    if _DEVICES.fullmatch(name):
        name = f"_{name}"
    if name and name == text and len(name.encode()) <= MAX_NAME_BYTES and not marked:
        return name
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST // 2).hexdigest()
    start = name.encode()[: MAX_NAME_BYTES - _DIGEST - 1].decode("utf-8", "ignore").rstrip(". ")
    return f"{start or '_'}~{digest}"


def portable_names(texts: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """A name for each of some different texts; where two differ in capitals or Unicode's form only, both are marked.

    Args:
      texts: The texts.
      taken: Names that stand for something else in the same place.
    """
    names = [portable_name(text) for text in texts]
    times = Counter(map(_folded, [*names, *taken]))
    return [
        name if times[_folded(name)] == 1 else portable_name(text, marked=True)
        for name, text in zip(names, texts, strict=True)
    ]


def picture_stems(files: Sequence[str], sample_ids: Sequence[str]) -> list[str]:
    """What the picture of each sample is called in a dataset, without a suffix.

    It depends on the run alone, not on its labels: so a picture is known again wherever somebody put it.

    Args:
      files: The picture's file of each sample.
      sample_ids: The samples' names.

    Returns:
      The file's own name where no other sample's is the same but for its folder, suffix or capitals; else with `~` and
      the sample's name behind.
    """
    stems = [PurePosixPath(file.replace("\\", "/")).stem for file in files]
    times = Counter(map(_folded, stems))
    return portable_names(
        [
            stem if times[_folded(stem)] == 1 else f"{stem}~{sample_id}"
            for stem, sample_id in zip(stems, sample_ids, strict=True)
        ]
    )


def _folded(name: str) -> str:
    """The same for names that some file systems take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())

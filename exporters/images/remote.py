"""Images in an object store, or behind another address that fsspec can read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporters.errors import ExportError
from exporters.images.formats import DICOM, HEAD, TIFF, format_of
from exporters.images.headers import has_more_bits, longest_side
from exporters.images.listing import ImageFile, Listing, describe_kinds, kind_of_other, mark_twins, size_problem
from exporters.images.outcomes import Skipped
from exporters.images.own_runs import MAX_BYTES, Runs, without_runs
from exporters.images.parquet import is_table, list_parquet
from exporters.images.storage import Storage, fsspec


@dataclass(frozen=True)
class RemoteImage(ImageFile):
    """An image file at an address.

    Attributes:
        url: The address.
        bytes_told: How many bytes it has, as the store tells.
    """

    url: str = ""
    bytes_told: int = 0

    def size(self) -> int:
        """How many bytes it has, as the store tells."""
        return self.bytes_told

    def content(self) -> bytes:
        """Its bytes."""
        with fsspec().open(self.url) as file:
            return bytes(file.read())

    def has_more_bits(self) -> bool:
        """Whether its header tells of a picture with more than 8 bits a value; of a PNG the first bytes suffice."""
        try:
            files, path = fsspec().core.url_to_fs(self.url)
            head = bytes(files.cat_file(path, start=0, end=HEAD))
            return has_more_bits(self.content() if format_of(head) in (TIFF, DICOM) else head)
        except Exception:  # Every store has its own. Whoever reads it next will say what is wrong.
            return False

    def longest_side(self) -> int:
        """The longest side as the header tells, in pixels; 0 where it cannot be had."""
        try:
            return longest_side(self.content())
        except Exception:  # Every store has its own. Whoever reads it next will say what is wrong.
            return 0

    def digest(self) -> bytes:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self.content()).digest()


def list_address(url: str) -> Listing:
    """Lists the images below an address, as `s3://bucket/folder`.

    Raises:
        ExportError: If it cannot be listed or holds no image.
    """
    library = fsspec()
    try:
        files, folder = library.core.url_to_fs(url)
        found = files.find(folder, detail=True)
    except Exception as error:  # Every store has its own.
        raise ExportError(f"{url} cannot be listed ({type(error).__name__}: {str(error)[:200]}).") from error
    paths = {path[len(folder) :].lstrip("/"): path for path in sorted(found)}

    def read(below: str, name: str) -> bytes | None:
        path = paths.get(f"{below}/{name}".lstrip("/"))
        try:
            return None if path is None or found[path]["size"] > MAX_BYTES else bytes(files.cat_file(path))
        except Exception:  # Every store has its own.
            return None

    runs = Runs(read)
    images: list[ImageFile] = []
    skipped: list[Skipped] = []
    passed_over: Counter[str] = Counter()
    sizes: dict[str, int] = {}
    for name in without_runs(paths, runs):
        kind = kind_of_other(name)
        if kind is not None:
            passed_over[kind] += 1
            continue
        sizes[name] = int(found[paths[name]]["size"])
        problem = size_problem(sizes[name])
        if problem is None:
            images.append(
                RemoteImage(Path(name), name, url=files.unstrip_protocol(paths[name]), bytes_told=sizes[name])
            )
        else:
            skipped.append(Skipped(name, problem))
    tables = {name: _version(found[path]) for name, path in paths.items() if is_table(name or url)}
    if tables and not images:
        above, _, name = url.rpartition("/")
        return (
            list_parquet(Storage(url), tables) if "" not in tables else list_parquet(Storage(above), {name: tables[""]})
        )
    if not images:
        others = f" ({describe_kinds(passed_over)})" if passed_over else ""
        raise ExportError(f"{url} holds no image in a format that is read{others}.")
    fingerprint = hashlib.sha256(repr(sizes).encode("utf-8", "surrogateescape")).hexdigest()
    return Listing(mark_twins(images, sizes), skipped, passed_over, fingerprint, runs.notes)


def _version(told: Mapping[str, Any]) -> str:
    """What a store tells of a file that changes when it is written again."""
    return repr(
        [told.get(name) for name in ("size", "ETag", "etag", "mtime", "LastModified", "last_modified", "created")]
    )

"""Images in an object store, or behind another address that fsspec can read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from exporters.errors import ExportError
from exporters.images.decode import decode, longest_side
from exporters.images.listing import SUFFIXES, ImageFile, Listing, mark_twins, size_problem
from exporters.images.outcomes import Skipped
from exporters.images.renditions import Encoded


@dataclass(frozen=True)
class RemoteImage(ImageFile):
    """An image file at an address."""

    url: str = ""

    def read(self) -> tuple[bytes, Image.Image, Encoded | None]:
        """Its bytes and picture."""
        content = self._content()
        return content, *decode(content)

    def longest_side(self) -> int:
        """The longest side as the header tells, in pixels; 0 where it cannot be had."""
        try:
            return longest_side(self._content())
        except Exception:  # Every store has its own. Whoever reads it next will say what is wrong.
            return 0

    def digest(self) -> bytes:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self._content()).digest()

    def _content(self) -> bytes:
        with _fsspec().open(self.url) as file:
            return bytes(file.read())


def list_address(url: str) -> Listing:
    """Lists the images below an address, as `s3://bucket/folder`.

    Raises:
        ExportError: If it cannot be listed or holds no image.
    """
    fsspec = _fsspec()
    try:
        files, folder = fsspec.core.url_to_fs(url)
        found = files.find(folder, detail=True)
    except Exception as error:  # Every store has its own.
        raise ExportError(f"{url} cannot be listed ({type(error).__name__}: {str(error)[:200]}).") from error
    images: list[ImageFile] = []
    skipped: list[Skipped] = []
    sizes: dict[str, int] = {}
    for path, info in sorted(found.items()):
        name = path[len(folder) :].lstrip("/")
        if Path(name).suffix.lower() in SUFFIXES:
            sizes[name] = int(info["size"])
            problem = size_problem(sizes[name])
            if problem is None:
                images.append(RemoteImage(Path(name), name, url=files.unstrip_protocol(path)))
            else:
                skipped.append(Skipped(name, problem))
    if not images:
        raise ExportError(f"{url} holds no JPEG, PNG or WebP image ({len(found):,} other files).")
    fingerprint = hashlib.sha256(repr(sizes).encode("utf-8", "surrogateescape")).hexdigest()
    return Listing(mark_twins(images, sizes), skipped, len(found) - len(images) - len(skipped), fingerprint)


def _fsspec() -> Any:
    try:
        import fsspec
    except ImportError:
        raise ExportError("Reading from an address needs fsspec: pip install 'tb-tsne[cluster]'.") from None
    return fsspec

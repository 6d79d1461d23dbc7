"""Every sample's own picture in one zip file, and the whole pictures that samples are parts of in another."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from os.path import splitext
from typing import BinaryIO

from exporters.errors import ExportError
from exporters.images.renditions import Encoded
from exporters.run.unfinished import damaged
from tb_tsne_plugin.runs.format import archived_image_name

# The longest side of a picture kept for looking at, in pixels.
PICTURE_SIDE = 512
# The same of a whole picture that samples are parts of.
WHOLE_SIDE = 1600
MAX_PICTURE_BYTES = 256 * 2**20
SUFFIXES = (".jpg", ".png")


def write_shard(file: BinaryIO, pictures: Sequence[Encoded]) -> None:
    """Writes encoded pictures, of consecutive rows or whole ones, into a zip file of their own."""
    with zipfile.ZipFile(file, "w") as shard:
        for number, picture in enumerate(pictures):
            shard.writestr(zipfile.ZipInfo(f"{number}{picture.suffix}"), picture.content)


def join_shards(file: BinaryIO, shards: Iterable[BinaryIO], names: Sequence[str]) -> None:
    """Puts the shards' pictures, in their order, into one zip file: under their sample ids, or their files' names.

    Raises:
        ExportError: If a shard is not as `write_shard` leaves it, or they hold another number of pictures.
    """
    left = iter(names)
    with zipfile.ZipFile(file, "w") as whole:
        for shard in shards:
            for picture in pictures_of(shard):
                name = next(left, None)
                if name is None:
                    raise damaged("there are more pictures than there should be")
                whole.writestr(zipfile.ZipInfo(archived_image_name(name, picture.suffix)), picture.content)
    if next(left, None) is not None:
        raise damaged("there are fewer pictures than there should be")


def pictures_of(shard: BinaryIO) -> Iterator[Encoded]:
    """The pictures of a shard, in order; it is closed then.

    Raises:
        ExportError: If it is not as `write_shard` leaves it.
    """
    try:
        with shard, zipfile.ZipFile(shard) as part:
            for number, entry in enumerate(part.infolist()):
                suffix = splitext(entry.filename)[1]
                is_ours = entry.filename == f"{number}{suffix}" and suffix in SUFFIXES
                # Stored as it is, an entry takes no more memory than it has bytes in the file.
                if not is_ours or entry.compress_type != zipfile.ZIP_STORED or entry.file_size > MAX_PICTURE_BYTES:
                    raise damaged("pictures that no export wrote")
                yield Encoded(suffix, part.read(entry))
    except ExportError:
        raise
    except Exception as error:  # A zip file from anywhere raises nearly anything.
        raise damaged(f"pictures cannot be read: {error}") from error

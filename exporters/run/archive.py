"""Every sample's own picture, in one zip file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from exporters.images.renditions import Encoded
from tb_tsne_plugin.runs.format import archived_image_name

# The longest side of a picture kept for looking at, in pixels.
PICTURE_SIDE = 512


def write_shard(path: Path, pictures: Sequence[Encoded]) -> None:
    """Writes encoded pictures of consecutive rows into a zip file of their own."""
    with zipfile.ZipFile(path, "w") as shard:
        for number, picture in enumerate(pictures):
            shard.writestr(zipfile.ZipInfo(f"{number}{picture.suffix}"), picture.content)


def join_shards(path: Path, shards: Sequence[Path], sample_ids: Sequence[str]) -> None:
    """Puts the shards' pictures, in their order, into one zip file under their sample ids."""
    names = iter(sample_ids)
    with zipfile.ZipFile(path, "w") as whole:
        for shard in shards:
            with zipfile.ZipFile(shard) as part:
                for entry in part.infolist():
                    suffix = Path(entry.filename).suffix
                    whole.writestr(zipfile.ZipInfo(archived_image_name(next(names), suffix)), part.read(entry))

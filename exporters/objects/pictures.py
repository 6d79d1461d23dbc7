"""Which pictures an annotation file means, and how large they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from exporters.images.decode import UnreadableImageError
from exporters.images.headers import PictureSize, picture_size
from exporters.images.listing import ImageFile, Listing, kind_of_other
from exporters.images.read import map_ahead
from exporters.objects.annotation import GivenPicture
from tb_tsne_plugin.runs.boxes import Odd
from tb_tsne_plugin.runs.given_names import match_names


class Found(NamedTuple):
    """A picture of the folder.

    Attributes:
        image: The picture.
        extent: Its size.
    """

    image: ImageFile
    extent: PictureSize


def find_pictures(given: Sequence[GivenPicture], listing: Listing) -> tuple[list[Found | Odd], list[str]]:
    """The picture of the folder that each given one is.

    Nothing but the folder's images can be meant, whatever path a file names: a name means the image whose path it is,
    or ends as.

    Returns:
        What was found for each, in order; and sentences on what was guessed.
    """
    images = {image.name: image for image in listing.images}
    unusable = {image.name: Odd(f"its picture: {image.reason}") for image in listing.skipped}
    known = [*images, *unusable]
    meant, notes = _names_of(given, known)
    used = [images[name] for name in dict.fromkeys(meant.values()) if name in images]
    found: dict[str, Found | Odd] = {**unusable}
    found |= {image.name: each for image, each in zip(used, map_ahead(look_at, used), strict=True)}
    times = Counter(part for name in known for part in {PurePosixPath(name).name, PurePosixPath(name).stem})
    return [found[meant[each]] if each in meant else _missing(each, times) for each in given], notes


def _names_of(given: Sequence[GivenPicture], known: Sequence[str]) -> tuple[dict[GivenPicture, str], list[str]]:
    """Our name of each given picture; those that mean none, or could mean several, have none."""
    times = Counter(map(_stem, known))
    whole, by_stem = {name: name for name in known}, {_stem(name): name for name in known if times[_stem(name)] == 1}
    meant: dict[GivenPicture, str] = {}
    for each in given:
        exact = next((name for name in each.names if name in whole or (_is_stem(name) and name in by_stem)), None)
        if exact is not None:
            meant[each] = whole.get(exact) or by_stem[exact]
    notes: list[str] = []
    for place in range(max((len(each.names) for each in given), default=0)):
        for ours in (whole, by_stem):
            asked = {each: each.names[place] for each in given if each not in meant and len(each.names) > place}
            asked = {each: name for each, name in asked.items() if ours is whole or _is_stem(name)}
            if asked:
                matched = match_names(asked.values(), list(ours))
                notes += matched.notes
                meant |= {each: ours[matched.names[name]] for each, name in asked.items() if name in matched.names}
    return meant, notes


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


def _is_stem(name: str) -> bool:
    """Whether a name tells of no format: it stands for a picture in any."""
    return kind_of_other(name) is not None


def _missing(given: GivenPicture, times: Mapping[str, int]) -> Odd:
    last = PurePosixPath(given.names[-1].replace("\\", "/")).name
    return Odd(
        "which picture is meant is not clear: several have this name"
        if times.get(last, 0) > 1
        else "its picture is not among the images"
    )


def look_at(image: ImageFile) -> Found | Odd:
    """How large a picture is, by its header; what is wrong with it, if that cannot be told."""
    extent = picture_size(image.path)
    try:  # What is wrong with a picture is told as of every other; some are read although their header is damaged.
        return Found(image, extent or PictureSize(*image.read_full_size()[1].size))
    except UnreadableImageError as error:
        return Odd(f"its picture: {error}")
    except OSError as error:
        return Odd(f"its picture cannot be read ({error.strerror})")

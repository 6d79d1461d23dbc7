"""The objects of a folder's pictures, as images to export."""

from __future__ import annotations

import hashlib
from pathlib import Path

from exporters.errors import ExportError
from exporters.images.find import find_images
from exporters.images.identity import file_sample_id
from exporters.images.listing import Listing, describe_kinds
from exporters.images.outcomes import Skipped
from exporters.objects.annotation import Told
from exporters.objects.choice import ObjectChoice
from exporters.objects.formats import FORMATS, parse_source
from exporters.objects.given import GivenObjects
from exporters.objects.objects import Objects, object_key
from exporters.objects.pictures import Found, find_pictures
from exporters.objects.placement import inside, place
from exporters.objects.voc import ANNOTATIONS
from exporters.objects.yolo import LABELS
from tb_tsne_plugin.runs.boxes import Box, Odd
from tb_tsne_plugin.runs.format import clean_text, counted
from tb_tsne_plugin.runs.sample_ids import content_sample_id, encoded_name


def list_objects(choice: ObjectChoice, folder: Path | None, outside: bool = False) -> Listing:
    """Lists the objects that an annotation file tells of.

    Args:
        choice: Which, and where they are said to be.
        folder: Where the pictures are; None for the folder of the annotations.
        outside: Whether links in it may lead out of it.

    Returns:
        The objects in the order of their pictures, which are looked at but not decoded. Objects that cannot be cut out
        are among the skipped, by their picture's name, `#` and their id.

    Raises:
        ExportError: If the annotations or the pictures cannot be read, or there is no object.
    """
    choice.check()
    scheme, path = parse_source(choice.source)
    told, given = Told(), GivenObjects(choice.classes)
    for annotation in FORMATS[scheme].read(path, told):
        given.add(annotation, told)
    given.check_classes(path)
    pictures = find_images(folder or _folder_of(path), outside)
    found, notes = find_pictures(given.pictures, pictures)
    if _are_numbered(given, found, FORMATS[scheme].in_shares):
        given.forget_ids()
    objects = _placed(choice, given, found, FORMATS[scheme].in_shares, told)
    if not objects and not told.skipped:
        others = f" ({describe_kinds(told.passed_over)})" if told.passed_over else ""
        raise ExportError(f"{path} tells of no object that can be exported{others}.")
    notes = [*pictures.notes, *notes, *told.notes]
    if empty := len(pictures.images) - objects.pictures:
        notes.append(f"{counted(empty, 'picture')} without an object that is taken, of {len(pictures.images):,}.")
    fingerprint = hashlib.sha256(f"{pictures.fingerprint} {objects.fingerprint()}".encode()).hexdigest()
    return Listing(objects, told.skipped, told.passed_over, fingerprint, notes, noun="object")


def _folder_of(path: Path) -> Path:
    """Where pictures are looked for if nothing is said: beside the annotations."""
    is_of_annotations = path.is_file() or path.name in (LABELS, ANNOTATIONS)
    return path.parent if is_of_annotations else path


def _are_numbered(given: GivenObjects, found: list[Found | Odd], in_shares: bool) -> bool:
    """Whether the ids in a file that was made of a run are only the numbers that its objects had.

    A run does not say it, but the names of its samples are made of the one or of the box.
    """
    for row, sample_id in given.told_ids.items():
        picture, box = found[given.picture_of[row]], given.box(row)
        if isinstance(picture, Odd) or isinstance(box, Odd):
            continue
        placed = place(box, given.pictures[given.picture_of[row]].size, picture.extent, in_shares)
        if isinstance(placed, Odd):
            continue
        try:
            picture_id = file_sample_id(picture.image, picture.image.content()).encode()
        except OSError:
            continue
        for has_id in (True, False):
            key = object_key(given.ids[row], has_id, placed)
            if content_sample_id([encoded_name(key), picture_id]) == sample_id:
                return not has_id
    return False


def _placed(
    choice: ObjectChoice, given: GivenObjects, found: list[Found | Odd], in_shares: bool, told: Told
) -> Objects:
    """The objects that can be cut out; the others are told."""
    objects = Objects(choice.surroundings, given.classes)
    names = [
        picture.image.name if isinstance(picture, Found) else clean_text(meant.names[-1])
        for picture, meant in zip(found, given.pictures, strict=True)
    ]
    reach_past = 0
    for row in given.in_order_of(names):
        picture, box = found[given.picture_of[row]], given.box(row)
        name = f"{names[given.picture_of[row]]}#{clean_text(given.ids[row])}"
        if isinstance(picture, Found) and isinstance(box, Box):
            box = place(box, given.pictures[given.picture_of[row]].size, picture.extent, in_shares)
        if isinstance(box, Odd):
            told.skipped.append(Skipped(name, box.reason))
            continue
        if isinstance(picture, Odd):
            told.skipped.append(Skipped(name, picture.reason))
            continue
        seen = inside(box, picture.extent)
        if min(seen.width, seen.height) < choice.min_side:
            told.passed_over[f"smaller than {choice.min_side} pixels (--min-side)"] += 1
            continue
        reach_past += seen != box
        objects.add(picture, box, given.ids[row], bool(given.has_id[row]), given.class_of[row])
    if reach_past:
        told.notes.append(f"{counted(reach_past, 'object')} past the border of the picture: what lies inside is taken.")
    return objects

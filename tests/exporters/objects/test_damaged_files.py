"""Whatever becomes of an annotation file: its objects, listed ones, or a sentence."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from exporters.errors import ExportError
from exporters.images.crops import CropImage
from exporters.objects.choice import ObjectChoice
from exporters.objects.listing import list_objects
from tests.exporters.objects.annotated import SIZES, THINGS, WRITERS, draw_things


@pytest.mark.parametrize("name", WRITERS)
def test_any_change_of_some_bytes_gives_objects_or_a_sentence(name: str, tmp_path: Path) -> None:
    folder = draw_things(tmp_path / "images")
    source = WRITERS[name](tmp_path, THINGS)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".png"]
    whole = {file: file.read_bytes() for file in files}
    random = np.random.default_rng(0)
    seen: set[str] = set()
    sentences: list[str] = []
    for _ in range(150):
        for file, content in whole.items():
            damaged = np.frombuffer(content, np.uint8).copy()
            places = random.integers(0, len(damaged), random.integers(1, 4))
            # Other digits and signs are what makes boxes odd, other bytes what makes files so.
            damaged[places] = random.choice(np.frombuffer(b'0123456789-.,;e"<>[]{}: \n\0\xff', np.uint8), len(places))
            file.write_bytes(damaged.tobytes()[: len(damaged) - int(random.integers(0, 2) * random.integers(0, 40))])
        try:
            listing = list_objects(ObjectChoice(source, min_side=0), folder)
        except ExportError as error:
            sentences.append(str(error))
            continue
        assert all(isinstance(image, CropImage) and image.read()[1].size >= (1, 1) for image in listing.images)
        assert all(each.name and each.reason for each in listing.skipped)
        seen |= {"objects"} if listing.images else set()
        seen |= {"listed"} if listing.skipped else set()
    assert {"objects", "listed"} <= seen
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_are_found_in_either_form_of_unicode(form: Literal["NFC", "NFD"], tmp_path: Path) -> None:
    folder = draw_things(tmp_path / "images")
    for name in SIZES:
        (folder / name).rename(folder / unicodedata.normalize("NFD" if form == "NFC" else "NFC", name))
    things = [thing._replace(picture=unicodedata.normalize(form, thing.picture)) for thing in THINGS]
    (tmp_path / "boxes.csv").write_text(
        "\n".join(["file,xmin,ymin,xmax,ymax", *(",".join(map(str, thing[:5])) for thing in things)])
    )
    listing = list_objects(ObjectChoice(f"csv:{tmp_path / 'boxes.csv'}"), folder)
    assert (len(listing.images), listing.skipped) == (len(THINGS), [])

"""Every image has one outcome: what was read of it, or that it was skipped and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from exporters import ExportError
from exporters.images.find import find_images
from exporters.images.listing import ImageFile
from exporters.images.outcomes import Outcome, Sample, Skipped, all_usable
from exporters.images.read import local_reader, read_sample
from exporters.images.renditions import RenditionSpec
from exporters.images.sample import StratifiedSample
from tests.exporters.drawn import draw_folder

SPEC = RenditionSpec(pixels=True)


def names(outcomes: Sequence[Outcome | ImageFile]) -> list[str]:
    return [outcome.name for outcome in outcomes]


def test_every_image_drawn_has_one_outcome_and_stand_ins_come_last(tmp_path: Path) -> None:
    folder = draw_folder(tmp_path, 40)
    drawn = StratifiedSample(find_images(folder).images, 12).chosen
    broken = [drawn[2].name, drawn[7].name]
    for name in broken:
        (folder / name).write_bytes(b"broken")
    outcomes = list(read_sample(StratifiedSample(find_images(folder).images, 12), local_reader(SPEC)))
    assert names(outcomes[:12]) == names(drawn)
    assert [outcome.name for outcome in outcomes if isinstance(outcome, Skipped)] == broken
    assert sum(isinstance(outcome, Sample) for outcome in outcomes) == 12
    assert [name.split("/")[0] for name in names(outcomes[12:])] == [name.split("/")[0] for name in broken]


@pytest.mark.parametrize("at", range(0, 15))
def test_what_was_read_before_an_interruption_is_not_read_again(tmp_path: Path, at: int) -> None:
    folder = draw_folder(tmp_path, 40)
    for image in StratifiedSample(find_images(folder).images, 12).chosen[2:8:3]:
        (folder / image.name).write_bytes(b"broken")

    def outcomes(*done: list[str]) -> list[Outcome]:
        return list(read_sample(StratifiedSample(find_images(folder).images, 12), local_reader(SPEC), *done))

    whole = outcomes()
    usable = [outcome.name for outcome in whole[:at] if isinstance(outcome, Sample)]
    skipped = [outcome.name for outcome in whole[:at] if isinstance(outcome, Skipped)]
    assert names(outcomes(usable, skipped)) == names(whole[at:])


def test_where_none_may_be_skipped_all_are_read_and_the_first_few_named() -> None:
    read: list[int] = []

    def outcomes() -> Iterator[int | Skipped]:
        for number in range(6):
            read.append(number)
            yield number if number < 2 else Skipped(f"{number}.png", "empty file")

    handed_on: list[int] = []
    with pytest.raises(
        ExportError, match=r"^4 images cannot be used: 2\.png: empty file; .*; 4\.png: .* \(and 1 more\)\.$"
    ):
        handed_on.extend(all_usable(outcomes()))
    assert (read, handed_on) == (list(range(6)), [0, 1])
    assert list(all_usable(range(3))) == [0, 1, 2]

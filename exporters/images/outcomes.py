"""What became of an image that was read: a sample, or skipped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from exporters.errors import ExportError
from exporters.images.renditions import Renditions, Whole
from tb_tsne_plugin.runs.format import clean_text

Usable = TypeVar("Usable")

NAMED = 3


@dataclass(frozen=True)
class Sample:
    """An image that was read: a row of each output is made of one of these.

    Attributes:
        name: The image's name.
        sample_id: Its stable id.
        renditions: What was made of the picture.
        earlier_id: What an earlier version would have named it, if that is another id.
        features: Its row by stage, where whoever read the image has computed them too.
        has_more_bits: Whether its picture holds more than the 8 bits a value that are shown.
        has_more_pages: Whether its file holds further pictures.
        whole: The picture that it is a part of, where it is the first of the parts; others may have it once more.
    """

    name: str
    sample_id: str
    renditions: Renditions
    earlier_id: str = ""
    features: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    has_more_bits: bool = False
    has_more_pages: bool = False
    whole: Whole | None = None


class Skipped(NamedTuple):
    """An image that is in no output.

    Attributes:
        name: The image's name.
        reason: Why it cannot be used, to be read after the name.
    """

    name: str
    reason: str


Outcome: TypeAlias = Sample | Skipped


def all_usable(outcomes: Iterable[Usable | Skipped]) -> Iterator[Usable]:
    """Hands on what was read, where no image may be skipped because each belongs to a row that is there already.

    After the first skipped image nothing more is handed on, but the others are read too, to be named.

    Raises:
        ExportError: At the end, if any was skipped; it names the first few.
    """
    skipped: list[Skipped] = []
    for outcome in outcomes:
        if isinstance(outcome, Skipped):
            skipped.append(outcome)
        elif not skipped:
            yield outcome
    if skipped:
        named = "; ".join(f"{image.name}: {image.reason}" for image in skipped[:NAMED])
        more = f" (and {len(skipped) - NAMED:,} more)" if len(skipped) > NAMED else ""
        raise ExportError(f"{len(skipped):,} images cannot be used: {named}{more}.")


def none_usable(skipped: Sequence[Skipped], noun: str = "image") -> ExportError:
    """The error that says that every image, or whatever the samples are, was skipped."""
    first = skipped[0]
    return ExportError(
        f"None of the {len(skipped):,} {noun}s can be used; {clean_text(first.name)}: {clean_text(first.reason)}."
    )

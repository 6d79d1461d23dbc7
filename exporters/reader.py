"""Reads and decodes many images in parallel, in order, with bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.decode import UnreadableImageError
from exporters.identity import file_sample_id
from exporters.images import ImageFile, LeftOut
from exporters.pixels import Views, Wanted, views_of
from exporters.sampling import StratifiedSample

In = TypeVar("In")
Out = TypeVar("Out")

MAX_WORKERS = 8


@dataclass(frozen=True)
class Sample:
    """One image with everything that any output says about it: a row of each output is made of one of these.

    `features` are there, one row by stage, where whoever read the image has computed them too.
    """

    sample_id: str
    file: ImageFile
    views: Views
    features: Mapping[str, npt.NDArray[np.float32]] | None = None


Outcome: TypeAlias = "Sample | LeftOut"


def map_ahead(function: Callable[[In], Out], items: Iterable[In], ahead: int) -> Iterator[Out]:
    """Like `map`, in threads that work at most `ahead` items in advance of the one asked for."""
    waiting: deque[Future[Out]] = deque()
    pool = ThreadPoolExecutor(min(MAX_WORKERS, os.cpu_count() or 1), thread_name_prefix="images")
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class LocalReader:
    """Reads images in threads of this process.

    Args:
        wanted: The arrays to make of each.
        ahead: How many images to hold ready.
    """

    def __init__(self, wanted: Wanted, ahead: int):
        self._wanted = wanted
        self._ahead = ahead
        Image.init()  # Pillow's registry of formats is filled once, before the threads ask for it.

    def __call__(self, files: Sequence[ImageFile]) -> Iterator[tuple[ImageFile, Outcome]]:
        """What became of each file, in order."""
        return map_ahead(lambda file: (file, read_image(file, self._wanted)), files, self._ahead)


def read_samples(
    sample: StratifiedSample,
    read: Callable[[Sequence[ImageFile]], Iterable[tuple[ImageFile, Outcome]]],
    left_out: list[LeftOut],
    done: Mapping[str, str | None],
) -> Iterator[Sample]:
    """Reads the chosen images, each file once, in the order of their names.

    A file that cannot be used is added to `left_out`; the next one of its class stands in for it, after all others.

    Args:
        sample: Which images, and who stands in.
        read: Reads files, in order.
        left_out: Gets the files that cannot be used.
        done: Names of files that were read earlier and are not read again: None for a usable one, else the reason.

    Yields:
        Usable images only.
    """
    files = sample.chosen
    while files:
        stand_ins: list[ImageFile] = []
        earlier = [(file, LeftOut(file.name, done[file.name] or "")) for file in files if done.get(file.name)]
        for file, outcome in chain(earlier, read([file for file in files if file.name not in done])):
            if isinstance(outcome, Sample):
                yield outcome
            else:
                left_out.append(outcome)
                stand_in = sample.stand_in(file)
                stand_ins += [stand_in] if stand_in else []
        files = stand_ins


def read_image(file: ImageFile, wanted: Wanted) -> Outcome:
    """Reads and decodes one image."""
    try:
        content, picture, original = file.read()
        return Sample(file_sample_id(file, content), file, views_of(picture, wanted, original))
    except UnreadableImageError as error:
        return LeftOut(file.name, str(error))
    except OSError as error:
        return LeftOut(file.name, f"cannot be read ({error.strerror})")

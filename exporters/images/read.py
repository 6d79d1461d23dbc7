"""Reads and decodes many images in parallel, in order, with bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, tee
from typing import TypeAlias, TypeVar

from PIL import Image

from exporters.images.crops import TOGETHER, together
from exporters.images.decode import UnreadableImageError
from exporters.images.deep import has_more_bits
from exporters.images.identity import earlier_sample_id, file_sample_id
from exporters.images.listing import ImageFile
from exporters.images.outcomes import Outcome, Sample, Skipped
from exporters.images.pages import PageImage, holds_more
from exporters.images.renditions import RenditionSpec, make_renditions
from exporters.images.sample import StratifiedSample

In = TypeVar("In")
Out = TypeVar("Out")

Reader: TypeAlias = Callable[[Iterable[ImageFile]], Iterator[Outcome]]
"""Reads files and says what became of each, in order."""

MAX_WORKERS = 8
# Pictures decoded in advance of whoever takes them.
AHEAD = MAX_WORKERS * TOGETHER


def map_ahead(
    function: Callable[[In], Out],
    items: Iterable[In],
    ahead: int = AHEAD,
    weight: Callable[[In], int] = lambda _: 1,
) -> Iterator[Out]:
    """Like `map`, in threads that work in advance of the item asked for.

    Args:
        function: What to do with each item.
        items: The items; taken as they are needed.
        ahead: At most so many items are in work, or done and not taken.
        weight: For how many an item counts.
    """
    waiting: deque[tuple[Future[Out], int]] = deque()
    weighs = 0
    pool = ThreadPoolExecutor(min(MAX_WORKERS, os.cpu_count() or 1), thread_name_prefix="images")
    try:
        for item in items:
            waiting.append((pool.submit(function, item), weight(item)))
            weighs += waiting[-1][1]
            while weighs > ahead:
                done, weighed = waiting.popleft()
                weighs -= weighed
                yield done.result()
        while waiting:
            yield waiting.popleft()[0].result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def local_reader(spec: RenditionSpec) -> Reader:
    """Reads images in threads of this process.

    Args:
        spec: What to make of each.
    """
    Image.init()  # Pillow's registry of formats is filled once, before the threads ask for it.

    def read(files: Iterable[ImageFile]) -> Iterator[Outcome]:
        lots = map_ahead(lambda lot: [read_image(file, spec) for file in lot], together(files, spec), AHEAD, len)
        return chain.from_iterable(lots)

    return read


def serial_reader(spec: RenditionSpec) -> Reader:
    """Reads images one after the other, where others do so beside.

    Args:
        spec: What to make of each.
    """

    def read(files: Iterable[ImageFile]) -> Iterator[Outcome]:
        return (read_image(file, spec) for lot in together(files, spec) for file in lot)

    return read


def read_image(file: ImageFile, spec: RenditionSpec) -> Outcome:
    """Reads and decodes one image."""
    try:
        content, picture, original = file.read()
        renditions = make_renditions(picture, spec, original)
        return Sample(
            file.name,
            file_sample_id(file, content),
            renditions,
            earlier_sample_id(file, content),
            has_more_bits=has_more_bits(picture),
            has_more_pages=not isinstance(file, PageImage) and holds_more(content),
            whole=file.whole_rendition(),
        )
    except UnreadableImageError as error:
        return Skipped(file.name, str(error))
    except OSError as error:
        return Skipped(file.name, f"cannot be read ({error.strerror})")


def read_sample(
    sample: StratifiedSample, read: Reader, usable: Collection[str] = (), skipped: Collection[str] = ()
) -> Iterator[Outcome]:
    """Reads the images drawn, each file once, in the order of their names.

    After all of them come the next images of their class, in place of those that were skipped.

    Args:
        sample: Which images, and who stands in.
        read: Reads files.
        usable: Names of images that were read before an interruption: they are not read again.
        skipped: Names of those that were skipped then, and are not read again either.

    Yields:
        What became of each image that was read now.
    """
    files = sample.chosen
    while files:
        gaps = [file for file in files if file.name in skipped] if skipped else []
        unread, again = tee(file for file in files if file.name not in usable and file.name not in skipped)
        for file, outcome in zip(again, read(unread), strict=True):
            yield outcome
            if isinstance(outcome, Skipped):
                gaps.append(file)
        files = sample.stand_ins(gaps)

"""What is kept of very many objects takes little memory."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from exporters.images.crops import Surroundings
from exporters.images.headers import PictureSize
from exporters.images.listing import ImageFile
from exporters.objects.objects import Objects
from exporters.objects.pictures import Found
from exporters.objects.texts import Texts
from tb_tsne_plugin.runs.boxes import Box


@given(st.lists(st.text(st.characters(exclude_categories=()))))
def test_texts_are_what_they_were(given_texts: list[str]) -> None:
    texts = Texts()
    for text in given_texts:
        texts.append(text)
    assert [texts[place] for place in range(len(texts))] == list(texts) == given_texts


def test_an_object_takes_its_box_and_little_more() -> None:
    count, extent = 5_000, PictureSize(100, 100)
    pictures = [Found(ImageFile(Path("a"), f"{number}.png"), extent) for number in range(count // 10)]
    objects = Objects(Surroundings(), ["cell"])
    tracemalloc.start()
    for number in range(count):
        objects.add(pictures[number // 10], Box(number, 1, 2, 3), f"{10**6 + number}", True, 0)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert objects[count - 1].name.endswith(f"#{10**6 + count - 1}")
    assert used < 80 * count

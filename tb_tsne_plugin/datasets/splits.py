"""The parts of a dataset: drawn by a seed, each with its share of every class."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from tb_tsne_plugin.datasets.errors import DatasetError
from tb_tsne_plugin.datasets.names import portable_names


def parse_shares(text: str) -> dict[str, float]:
    """Shares as they are written: `train=.8,val=.1,test=.1`.

    Raises:
      DatasetError: If they are no shares of a whole.
    """
    refused = DatasetError(
        f"{text!r} is no split; write for example train=.8,val=.1,test=.1: shares above 0, and names that every system "
        "takes for different folders."
    )
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        try:
            share = float(number)
        except ValueError:
            raise refused from None
        if not equals or not share > 0 or name in shares:
            raise refused
        shares[name] = share
    if portable_names(list(shares)) != list(shares):
        raise refused
    if not math.isclose(sum(shares.values()), 1, abs_tol=1e-6):
        raise DatasetError(f"The shares of {text!r} make {sum(shares.values()):g}; they must make 1.")
    return shares


def draw_splits(
    labels: Mapping[str, str], pictures: Mapping[str, str], shares: Mapping[str, float], seed: int
) -> dict[str, str]:
    """The part that each labeled sample belongs to.

    Samples of one picture stay together: a classifier that has seen one would know the other. Pictures are drawn class
    by class, a picture of several objects with the class that most of them have, in the order of SHA-256 over the seed
    and the picture's name: a picture more or less moves few others. A part gets its share of a class, up or down to a
    whole number; which, is drawn too, so that of many small classes each part gets its share of all. The largest part
    has one of each class.

    Args:
      labels: Class name by sample id.
      pictures: The picture's name by sample id.
      shares: The share of each part.
      seed: What is drawn.

    Returns:
      The name of the part by sample id.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for sample_id, label in labels.items():
        found[pictures[sample_id]][label] += 1
    by_class: dict[str, list[str]] = defaultdict(list)
    for picture, counts in found.items():
        by_class[min(counts, key=lambda label: (-counts[label], label))].append(picture)
    part_of: dict[str, str] = {}
    for label, members in by_class.items():
        drawn = sorted(members, key=lambda picture: (_draw(picture, seed), picture))
        start = int.from_bytes(_draw(label, seed)[:2], "big") / 2**16
        names = [name for name, places in _allocated(len(drawn), shares, start).items() for _ in range(places)]
        part_of.update(zip(drawn, names, strict=True))
    return {sample_id: part_of[pictures[sample_id]] for sample_id in labels}


def absent_classes(labels: Sequence[str], parts: Sequence[str], shares: Mapping[str, float]) -> list[str]:
    """Sentences on parts that lack a class, in which a reader that counts folders would number classes otherwise."""
    held: dict[str, set[str]] = {name: set() for name in shares}
    for label, part in zip(labels, parts, strict=True):
        held[part].add(label)
    notes = []
    for name, classes in held.items():
        if lacking := sorted(set(labels) - classes):
            which = (
                f"no {lacking[0]!r}" if len(lacking) == 1 else f"none of {len(lacking):,} classes, as {lacking[0]!r}"
            )
            notes.append(f"The part {name} holds {which}: there are too few of them.")
    return notes


def _allocated(total: int, shares: Mapping[str, float], start: float) -> dict[str, int]:
    """Systematic sampling: remainders lie end to end, and who holds `start`, `start` + 1, … of them gets one more."""
    exact = {name: total * share for name, share in shares.items()}
    places = {name: int(value + 1e-9) for name, value in exact.items()}
    left, passed = total - sum(places.values()), 0.0
    for name, whole in list(places.items()):
        before, passed = passed, passed + max(0.0, exact[name] - whole)
        places[name] += math.ceil(min(passed, left) - start - 1e-9) - math.ceil(min(before, left) - start - 1e-9)
    largest = max(shares, key=lambda name: shares[name])
    if places[largest] == 0:
        places[next(name for name, count in places.items() if count)] -= 1
        places[largest] = 1
    return places


def _draw(picture: str, seed: int) -> bytes:
    return hashlib.sha256(str(seed).encode() + b"\0" + picture.encode("utf-8", "surrogatepass")).digest()

"""Who gave the labels that stand: the history without its steps back and forth. Without a database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from tb_tsne_plugin.labels.model import NOBODY, Giver, Mark
from tb_tsne_plugin.labels.sql import TURNS, Maker

_OF_CLASSES = ("merge", "delete")
"""What changes the classes of samples, and says nothing of any of them."""
_UNCLEAR = (*TURNS, *_OF_CLASSES, "restore")
"""What gives samples something that somebody else had given them."""

Past = Iterable[tuple[str, Mark, Mark, int]]
"""Sample, mark before and after, and the edit; oldest first."""


def givers_of(
    newest: Mapping[str, int], makers: Mapping[int, Maker], undone: Collection[int], past: Callable[[], Past]
) -> dict[str, Giver]:
    """Who gave each sample the label that it has, or set it aside.

    What was undone gave nothing. Whoever takes an edit back, goes back to a revision, or merges classes gives no label
    of their own: it is whose it was.

    Args:
      newest: The edit that gave each sample what it has, as far as the newest changes tell.
      makers: Who made each edit.
      undone: The edits that are undone now.
      past: All that happened to samples; only read where the newest changes do not tell.

    Returns:
      By sample id.
    """
    unclear = {revision for revision, maker in makers.items() if maker.kind in _UNCLEAR} | set(undone)
    asked = {sample_id for sample_id, revision in newest.items() if revision in unclear} if unclear else set()
    found = dict(newest)
    if asked:
        found.update(_followed(past(), asked, makers, undone))
    nobody = Maker("", NOBODY)
    return {sample_id: makers.get(revision, nobody).giver for sample_id, revision in found.items()}


def _followed(
    past: Past, asked: Collection[str], makers: Mapping[int, Maker], undone: Collection[int]
) -> dict[str, int]:
    """The edits that gave some samples what they have, found by going through all that happened to them."""
    given: dict[str, tuple[object, int]] = {}
    first: dict[tuple[str, object], int] = {}
    for sample_id, before, after, revision in past:
        kind = makers[revision].kind if revision in makers else ""
        if sample_id not in asked or revision in undone or kind in TURNS:
            continue
        decided = _decision(after)
        stood, giver = given.get(sample_id, (None, revision))
        if kind in _OF_CLASSES:
            giver = first.get((sample_id, _decision(before)), giver)
        elif kind == "restore":
            giver = first.get((sample_id, decided), revision)
        elif not _decision(before) == decided == stood:
            giver = revision
        given[sample_id] = (decided, giver)
        first[sample_id, decided] = giver
    return {sample_id: giver for sample_id, (_, giver) in given.items()}


def _decision(mark: Mark) -> object:
    """What somebody decided about a sample: its class, or that it has none."""
    return mark.state if mark.label is None else mark.label

"""What each person gave to samples themselves, in one label column: for how far they agree. Without a database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from tb_tsne_plugin.labels.model import Mark
from tb_tsne_plugin.labels.sql import Maker


class Merge(NamedTuple):
    """A class that became another.

    Attributes:
      revision: When.
      old: The class that is gone.
      into: The one that its samples got.
    """

    revision: int
    old: int
    into: int


def own_labels(
    past: Iterable[tuple[str, Mark, Mark, int]],
    makers: Mapping[int, Maker],
    undone: Collection[int],
    merges: Iterable[Merge],
    names: Mapping[int, str],
) -> dict[str, dict[str, str]]:
    """The label that each person gave to each sample last.

    Only what a person gave by hand counts, and stands: no import, no undoing or going back, no change of the classes. A
    label of a class that was merged into another is one of that; one of a class that is gone otherwise is none. Whoever
    cleared a sample, or set it aside, has no label of it.

    Args:
      past: All that happened to samples: sample, mark before and after, and the edit; oldest first.
      makers: Who made each edit.
      undone: The edits that are undone now.
      merges: The merges of classes, oldest first.
      names: The classes by id.

    Returns:
      Class name by sample id, by person; in the order in which they came.
    """
    given: dict[str, dict[str, int]] = {}
    for sample_id, _, after, revision in past:
        if revision in undone or revision not in makers or makers[revision].kind != "apply":
            continue
        theirs = given.setdefault(makers[revision].giver.author, {})
        if after.label is None:
            theirs.pop(sample_id, None)
        else:
            theirs[sample_id] = after.label
    became = {class_id: class_id for class_id in names}
    for merge in sorted((each for each in merges if each.revision not in undone), reverse=True):
        if merge.into in became:
            became[merge.old] = became[merge.into]
    return {
        author: {key: names[became[class_id]] for key, class_id in theirs.items() if class_id in became}
        for author, theirs in given.items()
    }

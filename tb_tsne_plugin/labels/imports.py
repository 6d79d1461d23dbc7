"""Labels that come from elsewhere: the classes their names make, and the change that brings them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tb_tsne_plugin.labels.classes import importable_name, next_color
from tb_tsne_plugin.labels.edits import Change, ClassChange, ClassInfo, LabelChange


def import_change(
    names: Mapping[str, str | None],
    *,
    classes: Sequence[ClassInfo] = (),
    next_class_id: int = 1,
    current: Mapping[str, int | None] | None = None,
    only_unlabeled: bool = True,
) -> Change:
    """What brings labels in.

    Args:
      names: Class name by sample id; None clears.
      classes: The classes there are: names that none of them has become new ones, in alphabetical order.
      next_class_id: An id for the first new class.
      current: Class id now by sample id; a sample that is missing has none.
      only_unlabeled: Leave labelled samples as they are.

    Returns:
      The change.
    """
    current = current or {}
    cleaned = {
        sample_id: None if name is None else importable_name(name)
        for sample_id, name in names.items()
        if not (only_unlabeled and current.get(sample_id) is not None)
    }
    infos = {info.name: info for info in classes}
    added: list[ClassInfo] = []
    position = max((info.position for info in classes), default=-1) + 1
    for name in sorted({name for name in cleaned.values() if name is not None} - set(infos)):
        color = next_color([info.color for info in infos.values()])
        infos[name] = ClassInfo(next_class_id + len(added), name, color, position + len(added))
        added.append(infos[name])
    wanted = {sample_id: None if name is None else infos[name].id for sample_id, name in cleaned.items()}
    return Change(
        tuple(
            LabelChange(sample_id, current.get(sample_id), class_id)
            for sample_id, class_id in wanted.items()
            if current.get(sample_id) != class_id
        ),
        tuple(ClassChange(info.id, None, info) for info in added),
    )


def imported(change: Change) -> tuple[dict[str, int], list[ClassInfo]]:
    """Labels and classes as they are right after an import into an empty column.

    Args:
      change: From `import_change`.

    Returns:
      Class id by sample id, and the classes in order.
    """
    labels = {item.sample_id: item.after for item in change.labels if item.after is not None}
    return labels, [item.after for item in change.classes if item.after is not None]

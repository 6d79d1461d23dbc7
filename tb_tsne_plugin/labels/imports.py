"""Labels that come from elsewhere: the classes their names make, and the edit that brings them in."""

from __future__ import annotations

from collections.abc import Mapping

from tb_tsne_plugin.labels.classes import importable_name, next_color
from tb_tsne_plugin.labels.edits import Change, ClassChange, ClassInfo, LabelChange


def import_change(labels: Mapping[str, str]) -> Change:
    """What brings labels into an empty store.

    Args:
      labels: Class name by sample id.

    Returns:
      The change: classes in the order of their names, with ids from 1, and the samples' labels.
    """
    names = {sample_id: importable_name(label) for sample_id, label in labels.items()}
    infos: dict[str, ClassInfo] = {}
    for place, name in enumerate(sorted({name for name in names.values() if name is not None})):
        color = next_color([info.color for info in infos.values()])
        infos[name] = ClassInfo(place + 1, name, color, place)
    return Change(
        tuple(LabelChange(sample_id, None, infos[name].id) for sample_id, name in names.items() if name is not None),
        tuple(ClassChange(info.id, None, info) for info in infos.values()),
    )


def imported(change: Change) -> tuple[dict[str, int], list[ClassInfo]]:
    """Labels and classes as they are right after an import.

    Args:
      change: From `import_change`.

    Returns:
      Class id by sample id, and the classes in order.
    """
    labels = {item.sample_id: item.after for item in change.labels if item.after is not None}
    return labels, [item.after for item in change.classes if item.after is not None]

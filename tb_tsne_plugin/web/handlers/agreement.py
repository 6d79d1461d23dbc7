"""Where label columns, and people in one, do not agree."""

from __future__ import annotations

from tb_tsne_plugin.labels.agreement import disagreements as disagreements_of
from tb_tsne_plugin.labels.model import UNMARKED
from tb_tsne_plugin.labels.tables import snapshots_of
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.messages import Disagreement, DisagreementsAnswer, GivenBy, LabelsRequest

MOST = 500
"""Of samples that are told at once: whoever has settled some asks again."""


def disagreements(call: Call, request: LabelsRequest) -> DisagreementsAnswer:
    """The samples that were given several classes, and are not verified in the label column asked about."""
    run, tensor = call.tensor(request)
    store = call.workspace.labels(run, request.column)
    snapshots = snapshots_of(store, run)
    own = snapshots.get(request.column)
    columns = disagreements_of({name: snapshot.names() for name, snapshot in snapshots.items()})
    people = disagreements_of(store.own_labels())
    marks = {} if own is None else own.marks
    found = [
        Disagreement(
            row,
            [GivenBy(name, "column", label) for name, label in columns.get(sample_id, {}).items()]
            + [GivenBy(name, "person", label) for name, label in people.get(sample_id, {}).items()],
        )
        for row, sample_id in enumerate(tensor.metadata.sample_ids)
        if (sample_id in columns or sample_id in people) and marks.get(sample_id, UNMARKED).state != "verified"
    ]
    return DisagreementsAnswer("" if own is None else own.store, len(found), found[:MOST])

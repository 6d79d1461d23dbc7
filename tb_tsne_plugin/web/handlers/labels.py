"""The labels as they are, every edit of them, their history and their columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import Any

import numpy as np
from msgspec import UNSET, Struct, structs, to_builtins
from werkzeug.wrappers import Response

from tb_tsne_plugin.labels import LabelError, LabelStore, Operation
from tb_tsne_plugin.labels.effort import Effort
from tb_tsne_plugin.labels.errors import OtherStore
from tb_tsne_plugin.labels.model import SET_ASIDE, UNMARKED, ClassAction, Edit, Mark, NewClass
from tb_tsne_plugin.labels.readers import LabelColumn
from tb_tsne_plugin.labels.rules import initial_snapshot
from tb_tsne_plugin.labels.state_columns import labels_given, states_given
from tb_tsne_plugin.labels.store import DEFAULT_COLUMN
from tb_tsne_plugin.runs import Run, RunError, Tensor
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.errors import NEEDS_PEOPLE, HttpError
from tb_tsne_plugin.web.handlers.runs import members_of
from tb_tsne_plugin.web.messages import (
    MAX_SAMPLES,
    AddBlindColumnRequest,
    AddColumnRequest,
    ApplyRequest,
    AuthorsAnswer,
    ChangesRequest,
    ColumnsAnswer,
    EditAnswer,
    EditRequest,
    EffortRequest,
    HistoryAnswer,
    HistoryRequest,
    LabelsAnswer,
    LabelsRequest,
    OfColumn,
    OfRun,
    OpenColumnRequest,
    Orphan,
    OrphansAnswer,
    RestoreRequest,
    StoreAnswer,
    TurnRequest,
)
from tb_tsne_plugin.web.responses import is_fresh, json_response, not_modified

MAX_ORPHANS = 1_000
NOT_CONTENT = frozenset({"account", "store", "op_id", "base_revision", "selection"})
"""Of an edit, what may be another when it is sent again: whose it is, and a note of how its samples were chosen."""


def read_all(call: Call, request: LabelsRequest) -> LabelsAnswer | Response:
    """The current labels, in row order."""
    run, tensor = call.tensor(request)
    problem = None
    try:
        store = call.workspace.labels(run, request.column)
        # The head is read for those alone who have labels already.
        if call.request.if_none_match and is_fresh(call.request, etag := _etag(call, tensor, store, *store.head())):
            return not_modified(etag)
        snapshot = store.snapshot(call.person)
        if not snapshot.columns:
            snapshot = initial_snapshot(*labels_given(run, request.column))
    except LabelError as error:
        # Reading goes on where labels cannot be read, or are another run's: those that the run came with are shown.
        problem = str(error)
        given = tensor.metadata
        snapshot = initial_snapshot(given.labels_in(request.column), states_given(given, request.column))
    known = run.sample_ids
    labels, states = _in_row_order(snapshot.marks, tensor.metadata.sample_ids)
    answer = LabelsAnswer(
        store=snapshot.store,
        revision=snapshot.revision,
        version=tensor.version,
        can_undo=snapshot.can_undo,
        can_redo=snapshot.can_redo,
        problem=problem,
        orphans=sum(snapshot.marks[sample_id].label is not None for sample_id in snapshot.marks.keys() - known),
        columns=[each.name for each in snapshot.columns] or [request.column],
        blind=_blind(snapshot.columns),
        classes=snapshot.classes,
        labels=labels,
        states=states,
    )
    etag = "" if problem else _etag(call, tensor, store, snapshot.store, snapshot.revision, snapshot.columns)
    return json_response(call.request, answer, etag=etag)


def _in_row_order(marks: Mapping[str, Mark], sample_ids: Sequence[str]) -> tuple[list[int], list[int]]:
    """Class ids, -1 where there is no label, and numbers of states."""
    # Worked out once for each mark there is: they are few, and samples many.
    places = {mark: place for place, mark in enumerate(dict.fromkeys([UNMARKED, *marks.values()]))}
    marked = {sample_id: places[mark] for sample_id, mark in marks.items()}
    found = np.fromiter(map(marked.get, sample_ids, repeat(0)), np.intp, len(sample_ids))
    labels = np.array([-1 if mark.label is None else mark.label for mark in places])
    states = np.array([mark.number for mark in places])
    return labels[found].tolist(), states[found].tolist()


def _etag(
    call: Call, tensor: Tensor, store: LabelStore, identity: str, revision: int, columns: Sequence[LabelColumn]
) -> str:
    """Of the labels as they are for whoever asks: what there is to undo, and to read, is everybody's own."""
    asker = hashlib.blake2b(json.dumps([call.person, columns]).encode(), digest_size=8).hexdigest()
    return f"{tensor.version}-{identity}-{store.column}-{revision}-{asker}" if identity else ""


def changes(call: Call, request: ChangesRequest) -> EditAnswer:
    """What changed since a revision; waits for a change if asked to."""
    run = call.run(request)
    return _answer(call.workspace.changes_since(run, request.column, request.after, request.wait, call.person))


def create(call: Call, request: OfRun) -> StoreAnswer:
    """Makes the run's label store, with the labels that the run came with, where there is none."""
    return StoreAnswer(call.workspace.create_labels(call.run(request)).identity)


def apply(call: Call, request: ApplyRequest) -> EditAnswer:
    """Gives samples a class, a new one or none."""
    run = call.run(request)
    with meant_for(call, run, request):
        to = _class_wanted(request)
        ids = _samples_wanted(call, run, request)
    operation = operation_of(call, "apply", request)

    def make(store: LabelStore) -> Edit:
        state, only_unlabeled, selection = request.state, request.only_unlabeled, request.selection
        return store.apply(operation, to, ids, state=state, only_unlabeled=only_unlabeled, selection=selection)

    return edited(call, run, request, make)


def undo(call: Call, request: TurnRequest) -> EditAnswer:
    """Takes back one's own last edit, or the one of a revision."""
    operation = operation_of(call, "undo", request)
    return edited(call, call.run(request), request, lambda store: store.undo(operation, request.revision))


def redo(call: Call, request: TurnRequest) -> EditAnswer:
    """Makes the edit that one undid last, or the one of a revision, again."""
    operation = operation_of(call, "redo", request)
    return edited(call, call.run(request), request, lambda store: store.redo(operation, request.revision))


def restore(call: Call, request: RestoreRequest) -> EditAnswer:
    """Makes everything as it was at a revision."""
    operation = operation_of(call, "restore", request)
    return edited(call, call.run(request), request, lambda store: store.restore(operation, request.revision))


def change_classes(call: Call, request: EditRequest, action: ClassAction) -> EditAnswer:
    """Adds, renames, recolours, moves, merges or deletes a class."""
    operation = operation_of(call, "classes", request, action)
    return edited(call, call.run(request), request, lambda store: store.change_classes(operation, action))


def history(call: Call, request: HistoryRequest) -> HistoryAnswer:
    """The newest entries of the history."""
    store = call.workspace.stores.of(call.run(request), request.column)
    entries = store.history(request.limit, request.before, call.person, author=request.author)
    more = bool(entries) and entries[-1].revision > 1
    return HistoryAnswer(entries, more if request.author is None else more and len(entries) == request.limit)


def authors(call: Call, request: LabelsRequest) -> AuthorsAnswer | Response:
    """Who gave each row its label."""
    run, tensor = call.tensor(request)
    store = call.workspace.labels(run, request.column)
    if is_fresh(call.request, etag := _authors_etag(tensor, store, *store.head()[:2])):
        return not_modified(etag)
    snapshot = store.snapshot(givers=True)
    givers = snapshot.givers or {}
    numbers: dict[str, int] = {}
    rows = [givers.get(sample_id) for sample_id in tensor.metadata.sample_ids]
    found = [-1 if giver is None else numbers.setdefault(giver.author, len(numbers)) for giver in rows]
    answer = AuthorsAnswer(snapshot.store, snapshot.revision, list(numbers), found)
    etag = _authors_etag(tensor, store, snapshot.store, snapshot.revision)
    return json_response(call.request, answer, etag=etag)


def _authors_etag(tensor: Tensor, store: LabelStore, identity: str, revision: int) -> str:
    return f"{tensor.version}-{identity}-{store.column}-{revision}-authors" if identity else ""


def effort(call: Call, request: EffortRequest) -> Effort:
    """What labeling cost."""
    return call.workspace.stores.of(call.run(request), request.column).effort(request.before)


def columns(call: Call, request: OfRun) -> ColumnsAnswer:
    """The run's label columns."""
    return _columns(call.workspace.stores.of(call.run(request)))


def add_column(call: Call, request: AddColumnRequest) -> ColumnsAnswer:
    """Adds a label column; one that is there already stays as it is."""
    run = call.run(request)
    store = call.workspace.stores.of(run, request.name)
    if store.identity != request.store:
        raise OtherStore
    store.create(*labels_given(run, request.name))
    return _columns(store)


def add_blind_column(call: Call, request: AddBlindColumnRequest) -> ColumnsAnswer:
    """Adds a label column that only whoever asks, and those who may manage, can read until it is opened."""
    run, asker, about = call.run(request), call.asker, request.about.strip()
    if not asker.is_proven:
        raise HttpError(422, "invalid", f"A blind label column is somebody's own: {NEEDS_PEOPLE}.")
    owner = asker.person.author
    # No name of a person has brackets: nobody meets a name that somebody else's column has.
    store = call.workspace.stores.of(run, f"{owner} ({about})" if about else owner)
    if store.identity != request.store:
        raise OtherStore
    call.workspace.create_labels(run)
    store.create(*labels_given(run, store.column), owner=owner)
    return _columns(store)


def open_column(call: Call, request: OpenColumnRequest) -> ColumnsAnswer:
    """Lets everybody read a blind label column, for good; whoever can read it can open it."""
    store = call.workspace.labels(call.run(request), request.column)
    if store.identity != request.store:
        raise OtherStore
    store.open_to_all()
    return _columns(store)


def _columns(store: LabelStore) -> ColumnsAnswer:
    found = store.label_columns() or [LabelColumn(DEFAULT_COLUMN)]
    return ColumnsAnswer([each.name for each in found], _blind(found))


def _blind(columns: Sequence[LabelColumn]) -> dict[str, str]:
    return {each.name: each.owner for each in columns if each.is_blind}


def orphans(call: Call, request: OfColumn) -> OrphansAnswer:
    """The labeled samples that the run no longer has."""
    run = call.run(request)
    snapshot, known = call.workspace.stores.of(run, request.column).snapshot(), run.sample_ids
    names = snapshot.names()
    found = [
        Orphan(sample_id, class_id, names[sample_id])
        for sample_id, class_id in sorted(snapshot.labels.items())
        if sample_id not in known
    ]
    return OrphansAnswer(len(found), found[:MAX_ORPHANS])


def edited(call: Call, run: Run, request: EditRequest, make: Callable[[LabelStore], Edit]) -> EditAnswer:
    """Makes an edit of the column that a request is about."""
    return _answer(call.workspace.edit(run, request.column, make))


@contextmanager
def meant_for(call: Call, run: Run, request: EditRequest) -> Iterator[None]:
    """An edit for another store than the run's is refused as that, whatever else is wrong: it can wait for its own."""
    try:
        yield
    except (HttpError, RunError, LabelError):
        if request.store not in (None, call.workspace.stores.of(run, request.column).identity):
            raise OtherStore from None
        raise


def operation_of(call: Call, kind: str, request: EditRequest, action: Struct | None = None) -> Operation:
    """What an edit carries.

    Args:
      call: Who asks.
      kind: What is to be done.
      request: The request.
      action: What a change of the classes is about.

    Raises:
      HttpError: If somebody else made the edit than who has signed in now.
    """
    if request.account is not None and request.account != call.asker.account:
        raise HttpError(409, "other_person", "Somebody else has signed in by now: this change is not theirs.")
    base = request.base_revision
    if request.store is None and base == 0:
        # What was seen without a store, the labels that the run came with, is the first edit of the store.
        base = min(1, call.workspace.create_labels(call.run(request)).revision())
    asked = [kind, _given(request), None if action is None else [type(action).__name__, _given(action)]]
    content = hashlib.blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=16).hexdigest()
    person = call.person
    return Operation(request.op_id, base, person.author, request.store, content, person.client)


def _given(asked: Struct) -> dict[str, Any]:
    """What a request asks for, without what is as by default: a field that a later version adds makes it no other."""
    values = {field.name: (getattr(asked, field.name), field.default) for field in structs.fields(asked)}
    return {
        name: to_builtins(value)
        for name, (value, default) in values.items()
        if name not in NOT_CONTENT and value != default
    }


def _answer(edit: Edit) -> EditAnswer:
    """An edit result (docs/http_api.md)."""
    return EditAnswer(
        store=edit.store,
        revision=edit.revision,
        repeated=edit.repeated,
        kind=edit.kind,
        target=edit.target,
        class_id=edit.class_id,
        can_undo=edit.can_undo,
        can_redo=edit.can_redo,
        changes=[(sample_id, *mark) for sample_id, mark in edit.changes.items()],
        classes=edit.classes,
        stayed=list(edit.stayed),
    )


def _class_wanted(request: ApplyRequest) -> int | NewClass | None:
    if request.state in SET_ASIDE:
        if request.class_id is not UNSET or request.new_class is not None:
            raise HttpError(422, "invalid", f"What is set aside as {request.state} keeps its class: say none.")
        return None
    if request.new_class is None:
        if request.class_id is UNSET:
            raise HttpError(400, "bad_request", "class_id is missing.")
        return request.class_id
    if isinstance(request.class_id, int):
        raise HttpError(422, "invalid", "Where there is a new_class there is no class_id.")
    return request.new_class


def _samples_wanted(call: Call, run: Run, request: ApplyRequest) -> list[str]:
    """The samples of an operation: named, or rows of features as they were at a version, or a group of neighbours."""
    given = {"sample_ids": request.sample_ids, "rows": request.rows, "group": request.group}
    ways = [name for name, value in given.items() if value is not None]
    if len(ways) != 1:
        raise HttpError(422, "invalid", f"Give one of sample_ids, rows and group, not {' and '.join(ways) or 'none'}.")
    if request.group is not None:
        return members_of(call, run, request.group)
    if request.rows is not None:
        return _samples_in_rows(run, request, request.rows)
    wanted = request.sample_ids or []
    known = run.sample_ids
    unknown = [sample_id for sample_id in wanted if sample_id not in known]
    if unknown:
        raise HttpError(422, "invalid", f"{len(unknown):,} of the samples are not in this run; nothing was labelled.")
    return wanted


def _samples_in_rows(run: Run, request: ApplyRequest, ranges: Sequence[int | tuple[int, int]]) -> list[str]:
    if request.tensor is None or request.version is None:
        raise HttpError(400, "bad_request", "With rows, tensor and version say whose rows they are.")
    tensor = run.tensor(request.tensor)
    known = tensor.samples_at(request.version)
    if known is None:
        raise HttpError(409, "run_changed", "The run was exported again since the page was loaded; reload it.")
    ids = tensor.metadata.sample_ids
    found: list[str] = []
    for item in ranges:
        first, last = (item, item) if isinstance(item, int) else item
        if not 0 <= first <= last < known:
            raise HttpError(422, "invalid", f"rows: {first} to {last} are no rows of {known:,} samples.")
        if len(found) + last - first >= MAX_SAMPLES:
            raise HttpError(422, "invalid", f"An operation is about 1 to {MAX_SAMPLES:,} samples, not more.")
        found.extend(ids[first : last + 1])
    return found

"""Where to look next, suggested labels, labels to verify. The worker of the session works them out.

It works for those who may edit; who may only look gets what it has found for them, and cannot keep it at work.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from werkzeug.wrappers import Response

from tb_tsne_plugin.live.session_guidance import SessionGuidance
from tb_tsne_plugin.runs import arrow
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.handlers.session import session_of
from tb_tsne_plugin.web.messages import (
    CandidateInfo,
    CandidatesAnswer,
    ClusterInfo,
    ClustersAnswer,
    ClustersRequest,
    GroupIssueInfo,
    GuidanceRequest,
    LabelIssueInfo,
    LabelIssuesAnswer,
    LabelIssuesRequest,
    NextStepsAnswer,
    SecondLookInfo,
    StandingAnswer,
    StandingRequest,
    StepInfo,
    SuggestionsAnswer,
)
from tb_tsne_plugin.web.responses import bytes_response, empty_response


def candidates(call: Call, request: GuidanceRequest) -> CandidatesAnswer | Response:
    """The next best groups."""
    _, tensor = call.tensor(request)
    found = _newest(call, request)
    if found is None:
        return empty_response()
    ids = tensor.metadata.sample_ids
    infos = [
        CandidateInfo(
            sample_id=ids[each.focus],
            class_id=_class_or_none(each.label),
            confidence=each.confidence,
            k=each.k,
            gain=each.gain,
            members=[ids[row] for row in each.rows],
            belongs=list(each.belongs),
        )
        for each in found.candidates
    ]
    return CandidatesAnswer(found.number, found.epoch, found.column, found.revision, infos)


def next_steps(call: Call, request: GuidanceRequest) -> NextStepsAnswer | Response:
    """What to do next."""
    _, tensor = call.tensor(request)
    found = _newest(call, request)
    if found is None:
        return empty_response()
    ids = tensor.metadata.sample_ids
    steps = [
        StepInfo(
            kind=step.kind,
            class_id=_class_or_none(step.label),
            sample_id=None if step.focus < 0 else ids[step.focus],
            shown=step.shown,
            right=step.right,
            n=step.n,
        )
        for step in found.steps
    ]
    return NextStepsAnswer(found.number, found.column, found.revision, steps)


def suggestions(call: Call, request: GuidanceRequest) -> SuggestionsAnswer | Response:
    """A suggested class for every sample."""
    found = _newest(call, request)
    if found is None:
        return empty_response()
    return SuggestionsAnswer(
        number=found.number,
        column=found.column,
        revision=found.revision,
        class_ids=found.labels.tolist(),
        second=found.second.tolist(),
        percent=_percent(found).tolist(),
    )


def suggestions_as_arrow(call: Call, request: GuidanceRequest) -> Response:
    """A suggested class for every sample, as an Arrow stream."""
    # Of very many samples JSON takes half a second to write, most of it to compress.
    found = _newest(call, request)
    if found is None:
        return empty_response()
    columns = {
        "class_id": arrow.numbers(arrow.smallest(found.labels)),
        "second": arrow.numbers(arrow.smallest(found.second)),
        "percent": arrow.numbers(_percent(found).astype(np.float32)),
    }
    about = {"number": str(found.number), "column": found.column, "revision": str(found.revision)}
    return bytes_response(arrow.stream(columns, about), arrow.MEDIA_TYPE)


def _percent(found: SessionGuidance) -> NDArray[np.float64]:
    """How probable the suggestions are, rounded down to four decimals."""
    return np.floor(1e6 * found.chances.astype(np.float64)) / 1e4


def label_issues(call: Call, request: LabelIssuesRequest) -> LabelIssuesAnswer | Response:
    """The labels to verify, most doubtful first."""
    _, tensor = call.tensor(request)
    found = session_of(call, request).wait_for_label_issues(request.wait, ask=call.may_edit)
    if found is None:
        return empty_response()
    ids = tensor.metadata.sample_ids
    infos = [
        LabelIssueInfo(
            sample_id=ids[each.row],
            class_id=each.label,
            expected=each.expected,
            self_confidence=each.self_confidence,
            n_labeled=each.n_labeled,
            n_same=each.n_same,
            n_expected=each.n_expected,
        )
        for each in found.label_issues[: request.limit]
    ]
    groups = [
        GroupIssueInfo(
            class_id=each.label,
            expected=each.expected,
            confidence=each.confidence,
            members=[ids[row] for row in each.rows],
        )
        for each in found.groups[: request.limit]
    ]
    looks = [
        SecondLookInfo(sample_id=ids[each.row], class_id=each.label, expected=each.expected, confidence=each.confidence)
        for each in found.second_looks[: request.limit]
    ]
    return LabelIssuesAnswer(found.column, found.revision, groups, infos, looks)


def standing(call: Call, request: StandingRequest) -> StandingAnswer | Response:
    """Where the job stands."""
    run, _ = call.tensor(request)
    session = session_of(call, request)
    store = call.workspace.stores.of(run, session.column)
    looks = [(look.population, look.shown, look.changed) for look in store.looks()]
    found = session.wait_for_standing(
        store.accepted_unseen(), looks, store.strays_named(), request.wait, ask=call.may_edit
    )
    if found is None:
        return empty_response()
    return StandingAnswer(
        column=found.column,
        revision=found.revision,
        seen=found.seen,
        unseen=found.unseen,
        open=found.open,
        aside=found.aside,
        right=found.right,
        least=found.least,
    )


def clusters(call: Call, request: ClustersRequest) -> ClustersAnswer | Response:
    """Groups of the whole set."""
    session = session_of(call, request)
    found = session.wait_for_clusters(request.resolution, request.wait, ask=call.may_edit)
    if found is None:
        return empty_response()
    infos = [
        ClusterInfo(
            class_id=_class_or_none(each.label), purity=each.purity, unlabeled=each.n_unlabeled, rows=list(each.rows)
        )
        for each in found.clusters
    ]
    return ClustersAnswer(session.version, found.resolution, found.column, found.revision, infos)


def _newest(call: Call, request: GuidanceRequest) -> SessionGuidance | None:
    """The guidance that a request waits for; None if none came."""
    return session_of(call, request).wait_for_guidance(request.after, request.wait, ask=call.may_edit)


def _class_or_none(label: int) -> int | None:
    return None if label < 0 else label

"""Where to look next, suggested labels, labels to verify. The worker of the session works them out.

It works for those who may edit; who may only look gets what it has found for them, and cannot keep it at work.
"""

from __future__ import annotations

from werkzeug.wrappers import Response

from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.handlers.session import session_of
from tb_tsne_plugin.web.messages import (
    CandidateInfo,
    CandidatesAnswer,
    GuidanceRequest,
    LabelIssueInfo,
    LabelIssuesAnswer,
    LabelIssuesRequest,
    SuggestionsAnswer,
)
from tb_tsne_plugin.web.responses import empty_response


def candidates(call: Call, request: GuidanceRequest) -> CandidatesAnswer | Response:
    """The next best groups."""
    _, tensor = call.tensor(request)
    found = session_of(call, request).wait_for_guidance(request.after, request.wait, ask=call.may_edit)
    if found is None:
        return empty_response()
    ids = tensor.metadata.sample_ids
    infos = [
        CandidateInfo(
            sample_id=ids[each.focus],
            class_id=None if each.label < 0 else each.label,
            confidence=each.confidence,
            k=each.k,
            gain=each.gain,
            members=[ids[row] for row in each.rows],
            belongs=list(each.belongs),
        )
        for each in found.candidates
    ]
    return CandidatesAnswer(found.number, found.epoch, found.column, found.revision, infos)


def suggestions(call: Call, request: GuidanceRequest) -> SuggestionsAnswer | Response:
    """A suggested class for every sample."""
    found = session_of(call, request).wait_for_guidance(request.after, request.wait, ask=call.may_edit)
    if found is None:
        return empty_response()
    return SuggestionsAnswer(found.number, found.column, found.revision, found.labels.tolist(), found.percent.tolist())


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
    return LabelIssuesAnswer(found.column, found.revision, infos)

"""Who works on a label column, where they look, and what is given out to them."""

from __future__ import annotations

from tb_tsne_plugin.labels import LabelStore
from tb_tsne_plugin.labels.leases import Ask, Spot, Tab
from tb_tsne_plugin.web.call import OF_A_TOKEN, Call
from tb_tsne_plugin.web.errors import HttpError
from tb_tsne_plugin.web.messages import (
    ColleagueInfo,
    HereAnswer,
    HereRequest,
    LeaveRequest,
    LeftAnswer,
    OfTab,
    TakenAnswer,
    TakeRequest,
)
from tb_tsne_plugin.workspace.crew import Colleague


def here(call: Call, request: HereRequest) -> HereAnswer:
    """Says where one looks, and hears who else is here."""
    store, tab = _column(call, request)
    spot = Spot(request.kind, request.count, request.class_id, tuple(request.sample_ids))
    held, others = call.workspace.crew.here(store, tab, spot, request.op_id, request.done)
    return HereAnswer(held, [_info(each, tab) for each in others])


def take(call: Call, request: TakeRequest) -> TakenAnswer:
    """Takes a group, or a page, that nobody else is given for a minute."""
    store, tab = _column(call, request)
    known = call.run(request).sample_ids
    if not all(known.issuperset(choice) for choice in request.choices):
        raise HttpError(422, "invalid", "Some of these samples are not in this run; load it again.")
    ask = Ask(request.op_id, request.kind, request.choices, request.most, request.class_id, request.revision)
    given = call.workspace.crew.take(store, tab, ask)
    return TakenAnswer([] if given.lease is None else list(given.lease.spot.sample_ids), list(given.held_by))


def leave(call: Call, request: LeaveRequest) -> LeftAnswer:
    """Says that a tab is closed: what it held is free."""
    call.workspace.crew.leave(*_column(call, request))
    return LeftAnswer()


def _column(call: Call, request: OfTab) -> tuple[LabelStore, Tab]:
    """The label column that somebody works on, which must be one that they may see; and who that is."""
    store = call.workspace.labels(call.run(request), request.column)
    return store, Tab(*call.onlooker, request.tab)


def _info(each: Colleague, tab: Tab) -> ColleagueInfo:
    one_of_many = tab.client == OF_A_TOKEN and each.tab.author != tab.author
    own = tab.client != "" and each.tab.client == tab.client and not one_of_many
    kind, count, class_id, sample_ids = each.spot
    return ColleagueInfo(each.tab.author, own, kind, count, class_id, list(sample_ids), each.holds)

"""The page's states among several people, one after another: who comes in, who else is here, whose labels are whose."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import expect

from tb_tsne_plugin.access.rights import Right
from tests.builders import sample_id
from tests.e2e.looks.states import BEGINNING, THERE, State
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import Run
from tests.e2e.tokens_lab import Lab

SHARED = "a-token-of-all-of-us-0123456789"
LONG_NAME = "Dr. Wilhelmina Featherstonehaugh-Cholmondeley, Marine Biology"
CREW = ("ben", LONG_NAME, "山田 花子", "hal", "ida", "jan")
"""More than the bar has room for, one of them with a name that is too long for any line."""
BOTH = range(10, 22)
"""Samples that ann and somebody else give different classes."""


def among_people(projector: LabelProjector, lab: Lab, run: Run) -> Iterator[State]:
    """Brings ann's page from one state to the next, each with its panels scrolled to their beginning.

    Args:
      projector: An empty tab.
      lab: With `SHARED` as the token of all.
      run: One there, new.
    """
    for name in CREW:
        lab.tokens[name] = lab.people.add(name, Right.LABEL)
    for state in _states(projector, lab, run):
        projector.frame.evaluate(BEGINNING)
        yield state


def _states(projector: LabelProjector, lab: Lab, run: Run) -> Iterator[State]:
    yield from _coming_in(projector, lab)
    yield from _others(projector, lab, run)
    yield from _settling(projector)
    yield from _blind(projector)
    yield from _somebody_else(projector, lab)
    yield from _named_by_nobody(projector)


def _coming_in(projector: LabelProjector, lab: Lab) -> Iterator[State]:
    projector.visit()
    projector.page.wait_for_function(THERE, arg="sign-in", timeout=30_000)
    yield State("a token is needed", ("sign-in", "token", "enter"), bare=False)
    projector.find("token").fill("a-token-of-another-day")
    projector.find("enter").click()
    expect(projector.find("sign-in-problem")).to_be_visible()
    yield State("the token is wrong", ("token", "enter", "sign-in-problem"), bare=False)
    projector.find("token").fill(lab.tokens["ann"])
    projector.press("Enter")
    projector.wait_for_page()
    expect(projector.find("visitor")).to_be_visible()
    expect(projector.find("session-status")).to_contain_text("Settled", timeout=60_000)


def _others(projector: LabelProjector, lab: Lab, run: Run) -> Iterator[State]:
    """Others label, and look at something; the picture is theirs too."""
    lab.label("ann", run, 1, *BOTH)
    lab.label("ben", run, 2, *BOTH[:4])
    lab.label(LONG_NAME, run, 2, *BOTH[4:])
    expect(projector.find("history-of")).to_be_visible()
    for number, name in enumerate(CREW):
        samples = [sample_id(row) for row in range(40 + 10 * number, 50 + 10 * number)]
        about = {"run": run.name, "tab": f"tab-of-colleague-{number}", "op_id": f"looks-{run.name}-{number}"}
        lab.post(name, "labels/take", **about, kind="group", choices=[samples])
    projector.wait_for("t.held().length > 0")
    expect(projector.find("crew").locator("li")).to_have_count(5)
    yield State("others are here", ("crew",))
    for name in CREW[:2]:
        lab.look(name, run)
    projector.page.wait_for_event("response", lambda answer: "session/state" in answer.url and "ben" in answer.text())
    projector.find("restart").click()
    expect(projector.find("question-dialog")).to_be_visible()
    yield State("the picture is others' too", ("question-dialog", "question-yes", "question-no"), bare=False)
    projector.find("question-no").click()


def _settling(projector: LabelProjector) -> Iterator[State]:
    projector.press("j")
    expect(projector.find("disagreement")).to_have_count(len(BOTH))
    yield State("disagreements", ("settled",))
    projector.find("settled").click()
    expect(projector.find("settle-list")).to_have_count(0)


def _blind(projector: LabelProjector) -> Iterator[State]:
    projector.find("column-select").select_option("New blind column …")
    yield State("a blind column is being named", ("new-column",), bare=False, transient=True)
    projector.find("new-column").fill("second look, with the lamp on")
    projector.press("Enter")
    expect(projector.find("blind-note")).to_be_visible()
    yield State("a blind column", ("blind-note", "open-column"))
    projector.find("open-column").click()
    expect(projector.find("question-no")).to_be_focused()  # it cannot be undone
    yield State("it is to be opened", ("question-dialog", "question-yes", "question-no"), bare=False)
    projector.find("question-yes").click()
    expect(projector.find("blind-note")).to_have_count(0)
    yield State("it is opened")


def _somebody_else(projector: LabelProjector, lab: Lab) -> Iterator[State]:
    """Somebody else's token in the address; and a browser that forgot whose it is while a change waits."""
    projector.visit(lab.tokens[LONG_NAME])
    projector.page.wait_for_function(THERE, arg="sign-in-offer", timeout=30_000)
    yield State("the address is somebody else's", ("sign-in-offer", "stay", "take-offer"), bare=False)
    projector.find("stay").click()
    projector.wait_for_page()
    projector.find("column-select").select_option("label")
    expect(projector.find("count-bee")).to_be_visible()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible(timeout=60_000)
    projector.page.route("**/labels/apply", lambda route: route.abort())
    projector.press("1")
    expect(projector.find("saved-state")).to_have_attribute("data-state", "offline")
    projector.page.context.clear_cookies()
    expect(projector.find("sign-in")).to_contain_text("1 change is waiting", timeout=30_000)
    yield State("a change waits for a token", ("sign-in", "token", "enter"), bare=False)


def _named_by_nobody(projector: LabelProjector) -> Iterator[State]:
    """The token of all names nobody, and stores nobody's changes."""
    projector.find("token").fill(SHARED)
    projector.press("Enter")
    expect(projector.find("you")).to_be_visible()
    expect(projector.find("elsewhere")).to_be_visible()
    yield State("somebody else's change waits", ("elsewhere",))
    projector.find("elsewhere").click()
    expect(projector.find("waiting-dialog")).to_be_visible()
    yield State("what waits", ("waiting-dialog", "discard"), bare=False)
    projector.find("close-dialog").click()
    projector.find("you").click()
    yield State("a name is being given", bare=False)

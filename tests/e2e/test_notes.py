"""What one should know of a run: shown once, and found again."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.e2e.small_run import OPEN, Run, make_small_run, name_of_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

NOTES = [f"Note {number}. {'It goes on for a while, and is read whole. ' * 5}" for number in range(6)]
LEFT_OUT = [{"file": "z.png", "reason": "cannot be decoded"}] * 2


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest) -> Run:
    """As elsewhere, with what its export had to say."""
    made = make_small_run(shared, name_of_run(request.node.name))
    report = {"made_by": "tb-tsne", "notes": NOTES, "left_out": LEFT_OUT}
    (shared.logdir / made.name / "export_report.json").write_text(json.dumps(report))
    return made


def test_notes_are_shown_until_they_are_closed_and_found_again(open_page: OPEN) -> None:
    projector = open_page()
    notes = projector.find("notes")
    expect(notes).to_contain_text("2 images were left out, the first: z.png: cannot be decoded.")
    expect(projector.find("notes-button")).to_have_text(f"{len(NOTES) + 1} notes")
    last = notes.get_by_text(f"Note {len(NOTES) - 1}.")
    expect(last).to_be_hidden()
    projector.find("more-notes").click()
    expect(last).to_be_visible()
    projector.reload()
    expect(projector.find("notes")).to_be_visible()
    projector.press("Escape")
    expect(projector.find("notes")).to_have_count(0)
    projector.reload()
    button = projector.find("notes-button")
    expect(button).to_be_visible()
    expect(projector.find("notes")).to_have_count(0)
    button.focus()
    projector.press("Enter")
    expect(projector.find("close-notes")).to_be_focused()
    projector.press("Tab")
    expect(projector.find("more-notes")).to_be_focused()
    projector.press("Escape")
    expect(projector.find("notes")).to_have_count(0)
    expect(button).to_be_focused()


def test_a_new_note_is_shown_again(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.find("close-notes").click()
    report = {"made_by": "tb-tsne", "notes": [*NOTES, "A later export had more to say."]}
    (run.server.logdir / run.name / "export_report.json").write_text(json.dumps(report))
    projector.reload()
    expect(projector.find("notes")).to_be_visible()

"""What happens to changes: away from the server, in two windows, in the history, in another label column."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.builders import blobs, make_run
from tests.e2e.small_run import OPEN, N, Run, make_small_run

pytestmark = pytest.mark.browser


def test_a_change_made_offline_survives_a_reload_and_acts_once(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.page.route("**/labels/apply", lambda route: route.abort())
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    count = len(projector.selected())
    projector.press("1")
    expect(projector.find("labeled-count").locator("b")).to_have_text(str(count))
    expect(projector.find("saved-state")).to_contain_text("offline (1 waiting)")
    projector.reload()
    expect(projector.find("saved-state")).to_contain_text("offline (1 waiting)")
    expect(projector.find("labeled-count").locator("b")).to_have_text(str(count))
    projector.page.unroute("**/labels/apply")
    expect(projector.find("saved-state")).to_contain_text("saved", timeout=20_000)
    assert run.labels().count(1) == count
    assert run.applied() == 1


def test_a_lost_answer_is_asked_for_again_and_acts_once(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    sent: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "")["op_id"])
        answer = route.fetch()
        route.abort() if len(sent) == 1 else route.fulfill(response=answer)

    projector.page.route("**/labels/apply", lose_the_first_answer)
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    projector.press("2")
    expect(projector.find("saved-state")).to_contain_text("saved", timeout=20_000)
    assert len(sent) >= 2
    assert len(set(sent)) == 1
    assert run.applied() == 1


def test_a_run_exported_again_stays_in_its_tab_whatever_another_tab_chose_last(open_page: OPEN, run: Run) -> None:
    other_run = make_small_run(run.server, f"{run.name}_other")
    one = open_page()
    one.find("column-select").select_option(label="New column …")
    one.find("new-column").fill("second")
    one.press("Enter")
    expect(one.find("column-select")).to_have_value("second")
    other = open_page(beside=one)
    other.find("run-select").select_option(other_run.name)
    other.wait_for(f"t.labels().length === {N}")
    expect(other.find("run-select")).to_have_value(other_run.name)
    more = N + 30
    make_run(run.server.logdir / run.name, blobs(more)[0])
    run.server.first_frame(run=run.name, tensor="im")
    one.wait_for(f"t.labels().length === {more}", 30_000)
    expect(one.toast("30 images joined")).to_be_visible()
    expect(one.find("run-select")).to_have_value(run.name)
    expect(one.find("column-select")).to_have_value("second")
    assert len(other.labels()) == N


def test_two_windows_see_each_other_within_a_second(open_page: OPEN) -> None:
    one, other = open_page(), open_page()
    one.press("g")
    expect(one.find("thumb").first).to_be_visible()
    count = len(one.selected())
    one.press("1")
    expect(one.find("saved-state")).to_contain_text("saved")
    expect(other.find("labeled-count").locator("b")).to_have_text(str(count), timeout=5_000)
    assert other.labels() == one.labels()


def test_a_conflict_is_shown_and_overwrites_nothing(open_page: OPEN, run: Run) -> None:
    deaf = open_page(deaf=True)
    deaf.press("/")
    deaf.page.keyboard.type("/class.[123].png/")
    deaf.press("Escape")
    expect(deaf.find("selection-count")).to_contain_text("3 images")
    ids = ["s0001", "s0002"]
    edit = {"store": run.store, "op_id": "elsewhere", "base_revision": 2, "class_id": 1, "sample_ids": ids}
    assert run.server.post("labels/apply", run=run.name, **edit).ok
    deaf.press("2")
    expect(deaf.toast("Not stored, and taken back")).to_be_visible()
    expect(deaf.find("count-bee")).to_have_text("0")
    assert run.labels()[:4] == [-1, 1, 1, -1]


def test_the_history_leads_back(open_page: OPEN) -> None:
    projector = open_page()
    for key in ("1", "2"):
        projector.press("g")
        expect(projector.find("selection-count")).to_be_visible()
        projector.press(key)
        expect(projector.find("saved-state")).to_contain_text("saved")
    both = projector.find("labeled-count").inner_text()
    entries = projector.find("history").locator("li")
    expect(entries.first).to_contain_text("bee")  # the list comes after the answer
    entries.nth(1).locator("summary").click()
    entries.nth(1).locator('[data-testid="restore"]').click()
    expect(projector.find("count-bee")).to_have_text("0")
    projector.press("Control+z")
    expect(projector.find("labeled-count")).to_have_text(both)


def test_a_table_is_looked_at_before_it_is_imported(open_page: OPEN, tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text("sample_id\tlabel\ns0001\tant\ns0002\tcat\nnobody\tant\n")
    projector = open_page()
    projector.find("import").click()
    projector.find("import-file").set_input_files(table)
    expect(projector.find("import-preview")).to_contain_text("cat")
    assert projector.labels().count(-1) == N
    projector.find("import-apply").click()
    expect(projector.find("labeled-count").locator("b")).to_have_text("2")
    projector.find("import").click()
    table.write_text("nothing here")
    projector.find("import-file").set_input_files(table)
    expect(projector.find("import-problem")).to_be_visible()


def test_label_columns_have_their_own_labels_and_the_picture_follows(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    count = len(projector.selected())
    projector.press("1")
    expect(projector.find("labeled-count").locator("b")).to_have_text(str(count))
    projector.find("column-select").select_option("")  # a new one
    projector.page.keyboard.type("eye colour")
    projector.press("Enter")
    expect(projector.find("column-select")).to_have_value("eye colour")
    expect(projector.find("labeled-count").locator("b")).to_have_text("0")
    assert len(projector.selected()) == count  # the selection stays
    projector.press("n")
    projector.page.keyboard.type("blue")
    projector.press("Enter")
    expect(projector.find("count-blue")).to_have_text(str(count))
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")
    expect(projector.find("history").locator("li")).to_have_count(1)
    assert run.get("session/state")["column"] == "eye colour"
    assert run.labels().count(1) == count
    assert sum(label > 0 for label in run.get("labels", column="eye colour")["labels"]) == count

    other = open_page()  # a page on the first column turns nobody's picture, and says what the t-SNE follows
    expect(other.find("column-select")).to_have_value("label")
    expect(other.find("follows-other")).to_contain_text("“eye colour”")
    other.find("follow-these").click()
    expect(other.find("question-dialog")).to_contain_text("is looking at this picture too: have the t-SNE follow")
    other.find("question-yes").click()
    expect(other.find("follows-other")).to_have_count(0)
    expect(projector.find("follows-other")).to_contain_text("“label”")
    expect(projector.toast("had the t-SNE follow the labels in “label”")).to_be_visible()

    projector.reload()  # the column is remembered
    expect(projector.find("column-select")).to_have_value("eye colour")
    expect(projector.find("count-blue")).to_have_text(str(count))
    projector.press("Control+z")
    expect(projector.find("labeled-count").locator("b")).to_have_text("0")
    projector.find("column-select").select_option("label")
    expect(projector.find("count-ant")).to_have_text(str(count))


def test_older_changes_are_read_where_they_are_asked_for_and_all_of_them_are_counted(open_page: OPEN, run: Run) -> None:
    edits = 130
    store = run.server.store(run.name)
    for number in range(edits):
        answer = run.server.post(
            "labels/apply",
            run=run.name,
            tensor="im",
            store=store,
            op_id=f"earlier-label-{number}",
            base_revision=2 + number,
            class_id=1 + number // N,
            sample_ids=[f"s{number % N:04d}"],
            only_unlabeled=False,
        )
        assert answer.ok, answer.text
    projector = open_page()
    expect(projector.find("action-count")).to_have_text(str(edits))
    asked: list[str] = []
    projector.page.on("request", lambda request: asked.append(urlsplit(request.url).path.rsplit("/", 1)[-1]))
    projector.reload()
    expect(projector.find("action-count")).to_have_text(str(edits))
    assert (asked.count("history"), asked.count("effort")) == (1, 1)
    listed = projector.find("history").locator("summary")
    expect(listed).to_have_count(60)
    for shown in (120, edits + 2):  # and the two classes
        projector.find("older").click()
        expect(listed).to_have_count(shown)
    expect(projector.find("older")).to_have_count(0)
    expect(projector.find("action-count")).to_have_text(str(edits))

"""A session after a restart of TensorBoard, after its worker's death, and after the run was exported again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.builders import blobs, make_run, sample_id
from tests.web.conftest import Api
from tests.web.test_label_routes import version
from tests.web.test_routes import RUN, error, frame, wait_until

pytestmark = pytest.mark.slow


def session_of(api: Api) -> Any:
    return api.workspace.sessions.get("run", "im")


def settled(api: Api, **parameters: Any) -> npt.NDArray[np.float32]:
    api.post("session/start", **RUN, parameters={"n_epochs": 120, **parameters})
    wait_until(api, status="settled")
    saved(api)
    return frame(api)[1]


def saved(api: Api) -> Path:
    """Waits for the checkpoint, which is written right after the state that says so."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = list((api.logdir / "run" / ".tsne").glob("*.npz"))
        if found:
            time.sleep(0.2)
            return found[0]
        time.sleep(0.02)
    raise AssertionError("no checkpoint was written")


def test_a_restart_of_tensorboard_goes_on_where_it_stood(api: Api) -> None:
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(row) for row in range(0, 60, 3)])
    before = settled(api, perplexity=5.0, n_components=2, n_epochs=600)
    api.close()
    again = Api(api.logdir)
    state = again.post("session/start", **RUN).get_json()
    assert (state["parameters"]["perplexity"], state["parameters"]["n_components"]) == (5.0, 2)
    state = wait_until(again, status="settled", epoch=600, revision=1)
    assert state["cost_curve"][-1][0] == 600
    assert np.array_equal(frame(again)[1], before)  # labels that it had already moved nothing
    again.edit("labels/apply", class_id=1, sample_ids=[sample_id(1)])
    wait_until(again, status="settled", epoch=1100)
    again.close()


def test_a_paused_session_is_paused_again(api: Api) -> None:
    settled(api)
    api.post("session/resume", **RUN)
    api.post("session/pause", **RUN)
    epoch = wait_until(api, status="paused")["epoch"]
    time.sleep(0.3)
    api.close()
    again = Api(api.logdir)
    again.post("session/start", **RUN)
    assert wait_until(again, status="paused")["epoch"] == epoch
    again.close()


def aside(api: Api) -> list[int]:
    """The rows that stand beside the t-SNE: together, farther out than all others."""
    x = frame(api)[1][0]
    return list(map(int, np.flatnonzero(x == x.min())))


def test_what_is_ignored_stays_out_over_restarts_until_it_is_named(api: Api) -> None:
    api.edit("labels/apply", state="ignored", sample_ids=[sample_id(4), sample_id(7)])
    settled(api)
    assert aside(api) == [4, 7]
    api.close()
    again = Api(api.logdir)
    again.post("session/start", **RUN)
    wait_until(again, status="settled", epoch=120)
    assert aside(again) == [4, 7]
    again.close()
    saved(api).unlink()
    anew = Api(api.logdir)
    settled(anew)
    assert aside(anew) == [4, 7]
    anew.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(4)], only_unlabeled=False)
    wait_until(anew, status="settled", epoch=620)
    assert aside(anew) == [7]
    anew.close()


def test_labels_that_cannot_be_read_keep_no_session_from_starting(api: Api) -> None:
    api.edit("labels/apply", state="ignored", sample_ids=[sample_id(4)])
    (api.logdir / "run" / "labels.sqlite").write_bytes(b"not a database" * 500)
    settled(api)
    assert len(aside(api)) == 1


@pytest.mark.parametrize("damage", ["truncated", "other features", "other parameters", "a link outside"])
def test_a_checkpoint_that_does_not_fit_is_passed_over(api: Api, damage: str, tmp_path: Path) -> None:
    settled(api)
    path = saved(api)
    api.close()
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-200])
    elif damage == "other features":
        make_run(api.logdir / "run", blobs(60, seed=3)[0])
    elif damage == "a link outside":
        (tmp_path / "outside.npz").write_bytes(path.read_bytes())
        path.unlink()
        path.symlink_to(tmp_path / "outside.npz")
    wanted = {"n_epochs": 40, "n_components": 2 if damage == "other parameters" else 3}
    again = Api(api.logdir)
    again.post("session/start", **RUN, parameters=wanted)
    assert wait_until(again, status="settled")["epoch"] == 40
    again.close()


def test_a_killed_worker_is_said_and_starts_again_where_it_stood(api: Api) -> None:
    before = settled(api)
    os.kill(session_of(api)._process.pid, signal.SIGKILL)
    state = wait_until(api, status="failed")
    assert (state["restartable"], state["message"].endswith("Labels are safe.")) == (True, True)
    assert error(api.post("session/pause", **RUN)) == (404, "no_session")
    assert api.add_class("ant") == 1
    (number, _, _), _ = frame(api)
    api.post("session/start", **RUN)
    wait_until(api, status="settled", epoch=120)
    (later, _, _), after = frame(api)
    assert later > number
    assert np.array_equal(after, before)


def test_a_worker_that_hangs_is_said_and_replaced(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(api)
    hung = session_of(api)._process
    os.kill(hung.pid, signal.SIGSTOP)
    monkeypatch.setattr("tb_tsne_plugin.live.session.STALL_SECONDS", 1.5)
    state = wait_until(api, status="failed")
    assert "has not answered for 1.5 seconds" in state["message"]
    assert state["restartable"]
    api.post("session/start", **RUN)
    monkeypatch.undo()
    wait_until(api, status="settled", epoch=120)
    assert hung.exit_status == -signal.SIGKILL


def test_a_worker_that_rests_is_not_taken_for_one_that_hangs(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(api)
    monkeypatch.setattr("tb_tsne_plugin.live.session.STALL_SECONDS", 4.0)
    time.sleep(5)
    assert wait_until(api, status="settled")["message"] is None


def test_a_run_exported_again_ends_the_session_on_its_old_features(api: Api) -> None:
    settled(api)
    make_run(api.logdir / "run", blobs(60, seed=3)[0])
    state = api.get("session/state", **RUN).get_json()
    assert state["message"] == "The run was exported again since the t-SNE was started."
    wait_until(api, status="failed")
    assert error(api.get("session/frame", **RUN, wait=0.2)) == (409, "run_changed")
    make_run(api.logdir / "run", blobs(30, seed=3)[0])
    api.post("session/start", **RUN)
    assert frame(api)[1].shape == (3, 30)


def test_a_run_that_has_grown_goes_on_and_labels_given_to_the_rows_before_are_kept(api: Api) -> None:
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    before = settled(api, n_epochs=500)
    api.post("session/pause", **RUN)
    rows = {"tensor": "im", "version": version(api), "rows": [7]}
    make_run(api.logdir / "run", np.concatenate([blobs(60)[0], blobs(60)[0][:20] + 0.01]))
    edit = api.edit("labels/apply", class_id=1, **rows).get_json()
    assert [key for key, *_ in edit["changes"]] == [sample_id(7)]
    assert error(api.edit("labels/apply", class_id=1, **(rows | {"rows": [60]}))) == (422, "invalid")
    assert error(api.get("session/frame", **RUN, wait=0.2)) == (409, "run_changed")
    api.post("session/start", **RUN)
    deadline = time.monotonic() + 60
    while (state := api.get("session/state", **RUN).get_json())["status"] != "paused":
        assert time.monotonic() < deadline, state
        time.sleep(0.05)
    now = frame(api)[1]
    assert (state["epoch"], now.shape) == (500, (3, 80))
    assert np.array_equal(now[:, :60], before)
    away = np.linalg.norm(now[:, 60:] - before[:, :20], axis=0)
    assert np.median(away) < 0.5 * np.linalg.norm(before.std(axis=1))


def test_a_session_follows_the_label_column_it_is_told(api: Api) -> None:
    api.post("labels/columns/add", run="run", store=api.store(), name="eyes")
    api.edit("labels/apply", new_class={"name": "ant"}, sample_ids=[sample_id(0)])
    eyes = {"column": "eyes", "base_revision": 0, "sample_ids": [sample_id(1)]}
    api.edit("labels/apply", new_class={"name": "blue"}, **eyes)
    settled(api, n_epochs=600)
    state = api.post("session/start", **RUN, column="eyes").get_json()
    assert state["column"] == "eyes"
    wait_until(api, status="settled", epoch=1100)
    assert error(api.post("session/start", **RUN, column="nose")) == (404, "unknown_column")


def test_too_little_memory_is_said_before(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    value = api.get("session/forecast", **RUN).get_json()
    assert value["fits"]
    assert 200 << 20 < value["bytes"] < 1 << 30
    monkeypatch.setattr("tb_tsne_plugin.workspace.starting.available_bytes", lambda: 100 << 20)
    assert not api.get("session/forecast", **RUN).get_json()["fits"]
    answer = api.post("session/start", **RUN)
    assert error(answer) == (503, "too_little_memory")
    assert "100 MiB are free" in answer.get_json()["error"]["message"]
    assert api.post("session/start", **RUN, force=True).status_code == 200


def test_where_nothing_can_be_kept_it_runs_and_says_so(api: Api) -> None:
    (api.logdir / "run" / ".tsne").write_text("in the way")
    api.post("session/start", **RUN, parameters={"n_epochs": 60})
    wait_until(api, status="settled")
    api.post("session/step", **RUN, epochs=1)
    assert "cannot be kept" in wait_until(api, status="paused", epoch=61)["notes"][-1]

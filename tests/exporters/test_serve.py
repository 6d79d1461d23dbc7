"""TensorBoard started for the demo, in a working directory that somebody filled with modules."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from exporters.serve import serve

pytestmark = pytest.mark.tensorboard

NAMES = (
    "tensorboard",
    "tb_tsne_entry",
    "tb_tsne_plugin",
    "absl",
    "google",
    "json",
    "numpy",
    "runpy",
    "six",
    "werkzeug",
)


def test_the_working_directory_is_no_place_for_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r} + ' ')")
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path)
    answers: list[int] = []

    def ready(address: str) -> None:
        with urllib.request.urlopen(address.partition("#")[0], timeout=10) as answer:
            answers.append(answer.status)
        raise KeyboardInterrupt

    serve(tmp_path / "logs", None, ready)
    assert answers == [200]
    assert not (tmp_path / "ran").exists()

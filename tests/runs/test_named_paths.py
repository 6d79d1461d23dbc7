"""Which file a config means: written on another machine, on Windows, from another folder, or moved since."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_tsne_plugin.runs import RunError, find_run
from tb_tsne_plugin.runs.named_paths import meant_by
from tests.builders import make_run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = tmp_path / "logs" / "run"
    (run / "deep").mkdir(parents=True)
    for name in ("metadata.tsv", "deep/metadata.tsv", "odd\\name.tsv"):
        (run / name).touch()
    (tmp_path / "logs" / "other.tsv").touch()
    return run


@pytest.mark.parametrize(
    ("said", "name", "is_guess"),
    [
        ("", "", False),
        ("metadata.tsv", "metadata.tsv", False),
        ("odd\\name.tsv", "odd\\name.tsv", False),
        ("deep\\metadata.tsv", "deep/metadata.tsv", False),
        ("{run}/metadata.tsv", "metadata.tsv", False),
        ("{run}/deep/metadata.tsv", "deep/metadata.tsv", False),
        ("/home/somebody/run/deep/metadata.tsv", "deep/metadata.tsv", True),
        ("C:\\Users\\me\\logs\\metadata.tsv", "metadata.tsv", True),
        ("logs/run/metadata.tsv", "metadata.tsv", True),
        ("~/run/metadata.tsv", "metadata.tsv", True),
        ("gone.tsv", "gone.tsv", False),
        ("/home/somebody/gone.tsv", "/home/somebody/gone.tsv", False),
        ("../other.tsv", "../other.tsv", False),
        ("../elsewhere/metadata.tsv", "../elsewhere/metadata.tsv", False),
        ("{run}/../other.tsv", "{run}/../other.tsv", False),
        ("\0", "\0", False),
    ],
)
def test_only_a_file_of_the_run_is_meant(folder: Path, said: str, name: str, is_guess: bool) -> None:
    said, name = said.format(run=folder), name.format(run=folder)
    meant = meant_by(folder, said)
    assert meant.name == name
    assert (meant.note is not None) is is_guess
    if meant.note:
        assert meant.note == f"The config names {said!r}, and {name} in the run's folder is taken for it."


def test_a_run_that_was_moved_opens_and_says_what_was_taken(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [[0.0], [1.0]])
    config = run / "projector_config.pbtxt"
    config.write_text(config.read_text().replace('"metadata.tsv"', '"/old/place/metadata.tsv"'))
    tensor = find_run(tmp_path, "run").tensors[0]
    assert tensor.metadata.sample_ids == ["s0000", "s0001"]
    assert any("'/old/place/metadata.tsv'" in note for note in tensor.notes)
    (tmp_path / "elsewhere.tsv").write_text("sample_id\tlabel\na\tb\nc\td\n")
    config.write_text(config.read_text().replace("/old/place/metadata.tsv", str(tmp_path / "elsewhere.tsv")))
    with pytest.raises(RunError, match="is not a path inside the run's folder"):
        _ = find_run(tmp_path, "run").tensors


@pytest.mark.parametrize("said", ["sub\\t.tsv", "C:\\users\\t.tsv", "D:\\xlogs\\new\\t.tsv", "sub\\\\t.tsv"])
def test_windows_paths_are_read_also_where_backslashes_are_not_doubled(tmp_path: Path, said: str) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("sub/t.tsv", "t.tsv"):
        (tmp_path / name).write_text("1\t2\n")
    (tmp_path / "projector_config.pbtxt").write_text(f'embeddings {{ tensor_name: "v" tensor_path: "{said}" }}')
    assert find_run(tmp_path, ".").tensors[0].shape == (1, 2)

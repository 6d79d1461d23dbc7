"""`tb-tsne add`: a run that grew is the one that a single export would have made, in another order; nothing is lost."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner, Result
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from exporters import AddOptions, ExportError, ExportOptions, add_images, export_images, write_run
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.runs import open_run, run_names
from tb_tsne_plugin.runs.folder import Folder
from tests.exporters.conftest import StockProjector

COUNT, SIDE = 270, 72
OPTIONS = ExportOptions(["pix"], labels="folders", max_samples=None)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures in two folders."""
    folder, random = tmp_path_factory.mktemp("drawn"), np.random.default_rng(0)
    for number in range(COUNT):
        path = folder / ("ab"[number % 2]) / f"{number:03d}.png"
        path.parent.mkdir(exist_ok=True)
        colors = Image.fromarray(random.integers(0, 256, (2, 2, 3), dtype=np.uint8))
        colors.resize((SIDE, SIDE), Image.Resampling.NEAREST).save(path)
    return folder


@pytest.fixture(scope="module")
def whole(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one export of all of them."""
    run = tmp_path_factory.mktemp("whole") / "run"
    export_images(drawn, run, OPTIONS)
    return run


def part(drawn: Path, folder: Path, numbers: Sequence[int]) -> Path:
    """A folder with some of the pictures."""
    for number in numbers:
        name = f"{'ab'[number % 2]}/{number:03d}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(drawn / name, folder / name)
    return folder


def rows(run: Path) -> dict[str, list[str]]:
    """The metadata's lines by sample id."""
    _, *lines = (run / "metadata.tsv").read_text().splitlines()
    return {line.split("\t")[0]: line.split("\t") for line in lines}


def features(run: Path) -> dict[str, bytes]:
    values: npt.NDArray[np.float32] = np.fromfile(run / "pix.bytes", "<f4").reshape(-1, 3072)
    values[0, 0] = round(float(values[0, 0]), 2)  # the exporter may change its last digits
    return {sample_id: row.tobytes() for sample_id, row in zip(rows(run), values + 0.0, strict=True)}


def pictures(run: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(run / "images.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tiles(run: Path) -> npt.NDArray[np.int64]:
    """(N, 72, 72, 3) larger tiles in the order of the rows."""
    found = []
    for page in sorted((run / "tiles").iterdir()):
        sheet = np.asarray(Image.open(page), dtype=np.int64)
        found.append(sheet.reshape(16, SIDE, 16, SIDE, 3).swapaxes(1, 2).reshape(-1, SIDE, SIDE, 3))
    return np.concatenate(found)[: len(rows(run))]


def files(run: Path) -> dict[str, bytes]:
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in run.rglob("*") if path.is_file()}


def tb_tsne(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@settings(max_examples=2, deadline=None, phases=[Phase.generate])
@given(parts=st.lists(st.integers(0, 2), min_size=COUNT, max_size=COUNT).filter(lambda parts: 0 in parts))
def test_any_split_gives_the_run_of_one_export_in_another_order(
    parts: list[int], drawn: Path, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("split")
    run = folder / "run"
    for turn in range(3):
        numbers = [number for number, of in enumerate(parts) if of == turn]
        if not numbers:
            continue
        some = part(drawn, folder / str(turn), numbers)
        if turn:
            assert add_images(some, run).added == len(numbers)
        else:
            export_images(some, run, OPTIONS)
    assert rows(run) == rows(whole)
    assert features(run) == features(whole)
    assert pictures(run) == pictures(whole)
    of_whole = dict(zip(rows(whole), tiles(whole), strict=True))
    for sample_id, tile in zip(rows(run), tiles(run), strict=True):
        assert np.abs(tile - of_whole[sample_id]).mean() < 8, "a page is encoded again, no more"
    found = open_run(run).tensor("pix")
    assert (found.shape, found.sprite().tile) == ((COUNT, 3072), (64, 64))
    report = json.loads((run / "export_report.json").read_text())
    listed = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    assert set(report["files"]) == listed
    assert (report["images"], report["found"]) == (COUNT, COUNT)


@pytest.fixture
def run(drawn: Path, tmp_path: Path) -> Path:
    """A run of the first 200 pictures."""
    export_images(part(drawn, tmp_path / "first", range(200)), tmp_path / "logs" / "run", OPTIONS)
    return tmp_path / "logs" / "run"


def test_the_folder_that_grew_is_given_again(run: Path, drawn: Path) -> None:
    before = (run / "metadata.tsv").read_bytes()
    result = tb_tsne("add", run, drawn)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"70 images added (200 images already there); {run} has 270 now.\n"
    assert (run / "metadata.tsv").read_bytes().startswith(before)
    standing = files(run)
    again = tb_tsne("add", run, drawn)
    assert again.stdout == f"Nothing is new (270 images already there): {run} stays as it is, with 270 images.\n"
    assert files(run) == standing


def test_columns_that_people_added_stay_and_have_cells_for_newcomers(run: Path, drawn: Path) -> None:
    header, *lines = (run / "metadata.tsv").read_text().splitlines()
    more = [f"{line}\t{'unlabeled' if number else 'fern'}\t12" for number, line in enumerate(lines)]
    text = "\n".join([f"{header}\tspecies\tdepth", *more])  # and no line feed at the end
    (run / "metadata.tsv").write_text(text)
    add_images(drawn, run, AddOptions(labels="none"))
    found = (run / "metadata.tsv").read_text()
    assert found.startswith(text + "\n")
    for line in found[len(text) + 1 :].splitlines():
        assert line.split("\t")[2:] == ["unlabeled", "unlabeled", "-"]


def test_labels_saved_while_newcomers_are_computed_stay(
    run: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from exporters.prediction.recipe import Recipe

    compute = Recipe.compute

    def save_and_compute(self: Recipe, pictures: Any) -> Any:
        text = (run / "metadata.tsv").read_text()
        (run / "metadata.tsv").write_text(text.replace("\ta\n", "\tmoss\n"))
        return compute(self, pictures)

    monkeypatch.setattr(Recipe, "compute", save_and_compute)
    add_images(drawn, run, AddOptions(labels="none"))
    assert sum(cells[2] == "moss" for cells in rows(run).values()) == 100


def test_max_samples_draws_and_says_how_many_stay(run: Path, drawn: Path) -> None:
    result = tb_tsne("add", run, drawn, "--max-samples", 30)
    assert "30 images added (200 images already there, 40 not drawn (--max-samples))" in result.stdout
    assert sum(cells[1].startswith("a/") for cells in list(rows(run).values())[200:]) == 15


def test_what_cannot_be_used_is_listed_and_left_out(run: Path, drawn: Path, tmp_path: Path) -> None:
    more = part(drawn, tmp_path / "more", range(200, 210))
    (more / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    result = tb_tsne("add", run, more)
    assert result.exit_code == 0
    assert "left out: broken.jpg" in result.stderr
    report = json.loads((run / "export_report.json").read_text())
    assert (report["images"], [each["file"] for each in report["left_out"]]) == (210, ["broken.jpg"])
    assert report["settings"]["added"][0]["images"] == 10


def test_two_files_of_one_name_are_told_apart(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "a").mkdir(parents=True)
    Image.new("RGB", (40, 30), (9, 9, 9)).save(other / "a" / "000.png")
    add_images(other, run)
    assert [cells[1] for cells in rows(run).values()].count("a/000.png") == 1
    assert list(rows(run).values())[-1][1] == "a/000.png~2"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"made by": "write_run"}, "are somebody's own"),
        ({"objects": "coco:boxes.json"}, "is a run of objects, which cannot be added to"),
        ({"tiles": "256"}, "is a run of tiles, which cannot be added to"),
        ({"encoders": {}}, "Newcomers cannot have pix: what computed it was trained on the run's own images"),
    ],
)
def test_runs_that_cannot_grow_are_refused_and_stay_as_they_are(
    run: Path, drawn: Path, change: dict[str, Any], sentence: str
) -> None:
    report = json.loads((run / "export_report.json").read_text())
    report["settings"] |= change
    (run / "export_report.json").write_text(json.dumps(report))
    before = files(run)
    result = tb_tsne("add", run, drawn)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert files(run) == before


def test_features_of_somebody_are_refused(tmp_path: Path, drawn: Path) -> None:
    write_run(tmp_path / "run", {"mine": np.eye(3, dtype=np.float32)})
    with pytest.raises(ExportError, match="are somebody's own"):
        add_images(drawn, tmp_path / "run")
    with pytest.raises(ExportError, match="is no run that tb-tsne export made"):
        add_images(drawn, tmp_path)


@pytest.mark.parametrize("name", ["pix.bytes", "metadata.tsv", "tiles.json"])
def test_a_run_that_another_program_changed_is_refused(run: Path, drawn: Path, name: str) -> None:
    content = (run / name).read_bytes()
    (run / name).write_bytes(content[: len(content) // 2])
    before = files(run)
    with pytest.raises(ExportError):
        add_images(drawn, run)
    assert files(run) == before


def test_whenever_it_is_killed_the_next_one_ends_with_the_whole_run(
    run: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every third change of a file's name: each is the first that was not done."""
    logs, kept = run.parent, run.parent.parent / "kept"
    shutil.copytree(run, kept)
    old = rows(run)
    add_images(drawn, run)
    wanted = {name: content for name, content in files(run).items() if name != "export_report.json"}
    done = 0
    rename, remove = Folder.rename, Folder.remove
    for last in range(0, 40, 3):
        shutil.rmtree(run)
        shutil.copytree(kept, run)
        done = 0

        def counted(change: Any, *arguments: Any, last: int = last) -> None:
            nonlocal done
            if arguments[0].path == run:
                if done == last:
                    raise KeyboardInterrupt
                done += 1
            change(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(Folder, "rename", lambda *arguments: counted(rename, *arguments))
            patched.setattr(Folder, "remove", lambda *arguments: counted(remove, *arguments))
            try:
                add_images(drawn, run)
                break
            except KeyboardInterrupt:
                pass
        if (run / "projector_config.pbtxt").exists():
            found = open_run(run).tensor("pix").metadata.sample_ids
            assert found in (list(old), list(rows(run)))
        else:
            assert run_names(logs) == []
            assert StockProjector(logs).runs() == []
        assert set(old) <= set(rows(run)), "no label is lost"
        add_images(drawn, run)
        found_files = {name: content for name, content in files(run).items() if name != "export_report.json"}
        assert found_files == wanted
    assert done > 5


def test_one_that_was_interrupted_goes_on(run: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from exporters.run.writer import RunWriter

    append, calls = RunWriter.append, 0

    def once(self: RunWriter, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(28, "No space left on device")
        append(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(RunWriter, "append", once)
        with pytest.raises(ExportError, match="--resume goes on from there"):
            add_images(drawn, run)
    assert len(rows(run)) == 200
    with zipfile.ZipFile(io.BytesIO((run / "images.zip").read_bytes())) as archive:
        assert len(archive.namelist()) == 200
    assert add_images(drawn, run, resume=True).added == 70
    assert len(rows(run)) == 270
    assert not (run / ".exporting").exists()

"""Where labels live: the page, the commands and `read_labels` mean the same place by the same options."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.labels import read_labels
from tb_tsne_plugin.loader import Loader
from tb_tsne_plugin.workspace import LabelsPlaceUnknown, UnknownColumn
from tests.builders import make_run, sample_id
from tests.web.conftest import Api

RUN = {"run": "birds/run", "tensor": "im"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "logs" / "birds" / "run")


@pytest.fixture(params=["beside", "dir", "db", "dir from the environment", "db from the environment"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The options of a place, as `read_labels` takes them; empty where the environment says it."""
    kind, _, environment = request.param.partition(" from the ")
    values = {
        "beside": {},
        "dir": {"labels_dir": str(tmp_path / "labels")},
        "db": {"labels_db": f"sqlite:///{tmp_path}/db"},
    }
    options: dict[str, Any] = values[kind]
    if environment:
        for name, value in options.items():
            monkeypatch.setenv(f"TB_TSNE_{name.upper()}", value)
        return {}
    return options


def page(run: Path, place: dict[str, Any]) -> Api:
    return Api(run.parents[1], **{f"tsne_{name}": value for name, value in place.items()})


def command(*words: object, place: dict[str, Any]) -> Result:
    options = [word for name, value in place.items() for word in (f"--{name.replace('_', '-')}", value)]
    return CliRunner().invoke(cli, ["labels", *(str(word) for word in words), *options])


def label(api: Api, rows: range, name: str) -> None:
    store = api.store(RUN["run"])
    revision = api.get("labels", **RUN).get_json()["revision"]
    body = {"store": store, "op_id": f"operation-{name}", "base_revision": revision, "new_class": {"name": name}}
    answer = api.post("labels/apply", run=RUN["run"], sample_ids=[sample_id(row) for row in rows], **body)
    assert answer.status_code == 200, answer.text


def on_page(api: Api) -> list[int]:
    labels: list[int] = api.get("labels", **RUN).get_json()["labels"]
    return labels


def test_everybody_reads_what_the_page_shows(run: Path, place: dict[str, Any]) -> None:
    api = page(run, place)
    label(api, range(2), "ant")
    frame = read_labels(run, **place)
    assert list(frame["label"][:3]) == ["ant", "ant", "unlabeled"]
    assert command("export", run, place=place).output.count("\tant") == 2
    assert "2 images labelled ant" in command("history", run, place=place).output
    assert command("save", run, place=place).exit_code == 0
    assert (run / "metadata.tsv").read_text().count("\tant") == 2


def test_the_page_shows_what_a_command_writes(run: Path, place: dict[str, Any], tmp_path: Path) -> None:
    api = page(run, place)
    label(api, range(2), "ant")
    (tmp_path / "table.tsv").write_text(f"sample_id\tlabel\n{sample_id(9)}\tbee\n")
    stores = set(tmp_path.rglob("labels.sqlite"))
    done = command("import", run, tmp_path / "table.tsv", place=place)
    assert (done.exit_code, done.output[:26]) == (0, "1 of 1 rows change a label")
    assert on_page(api)[9] == 2
    assert set(tmp_path.rglob("labels.sqlite")) == stores


def test_before_the_first_label_the_log_dir_says_where(run: Path, place: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "table.tsv").write_text(f"sample_id\tlabel\n{sample_id(9)}\tbee\n")
    placed = {**place, "logdir": str(run.parents[1])}
    assert command("import", run, tmp_path / "table.tsv", place=placed).exit_code == 0
    assert on_page(page(run, place))[9] == 1
    assert read_labels(run, **placed)["label"].iloc[9] == "bee"


@pytest.mark.parametrize("kind", ["dir", "db"])
def test_where_it_cannot_be_known_nothing_is_written(run: Path, tmp_path: Path, kind: str) -> None:
    place: dict[str, Any] = (
        {"labels_dir": str(tmp_path / "labels")} if kind == "dir" else {"labels_db": f"sqlite:///{tmp_path}/db"}
    )
    table = tmp_path / "table.tsv"
    table.write_text(f"sample_id\tlabel\n{sample_id(9)}\tbee\n")
    done = command("import", run, table, place=place)
    assert done.exit_code == 2
    assert "say with --logdir which folder TensorBoard is started on" in done.output
    assert not (tmp_path / "labels").exists()
    with pytest.raises(LabelsPlaceUnknown):
        read_labels(run, **place)


def test_two_runs_that_it_may_be_are_told_apart_by_the_log_dir(run: Path, tmp_path: Path) -> None:
    place: dict[str, Any] = {"labels_dir": str(tmp_path / "labels")}
    label(page(run, place), range(2), "ant")
    other = make_run(tmp_path / "other" / "run")
    Api(tmp_path / "other", tsne_labels_dir=place["labels_dir"]).store("run")
    assert sorted(path.parent.name for path in Path(place["labels_dir"]).rglob("labels.sqlite")) == ["run", "run"]
    done = command("export", run, place=place)
    assert done.exit_code == 2
    assert "holds labels of 'run' and 'birds/run'" in done.output
    assert read_labels(run, **place, logdir=tmp_path / "logs")["label"].iloc[0] == "ant"
    assert read_labels(other, **place, logdir=tmp_path / "other")["label"].iloc[0] == "unlabeled"


@pytest.mark.parametrize("kind", ["dir", "db"])
def test_labels_of_another_run_of_that_name_are_left_alone(tmp_path: Path, kind: str) -> None:
    place: dict[str, Any] = (
        {"labels_dir": str(tmp_path / "labels")} if kind == "dir" else {"labels_db": f"sqlite:///{tmp_path}/db"}
    )
    make_run(tmp_path / "logs" / "run")
    nested = make_run(tmp_path / "logs" / "birds" / "run")
    table = tmp_path / "table.tsv"
    table.write_text(f"sample_id\tlabel\n{sample_id(9)}\tbee\n")
    api = page(nested, place)
    api.edit("labels/apply", base_revision=0, new_class={"name": "ant"}, sample_ids=[sample_id(1)])
    done = command("import", nested, table, place=place)
    assert done.exit_code == 2
    assert f"holds labels of 'run', which {tmp_path}/logs/run may be as well: say with --logdir" in done.output
    assert api.labels()["labels"][9] == -1
    placed = {**place, "logdir": str(tmp_path / "logs")}
    assert command("import", nested, table, place=placed).exit_code == 0
    assert on_page(api)[9] == 1
    assert api.labels()["labels"][9] == -1


def test_labels_of_another_log_dir_that_is_a_run_are_left_alone(run: Path, tmp_path: Path) -> None:
    place: dict[str, Any] = {"labels_db": f"sqlite:///{tmp_path}/db"}
    alone = make_run(tmp_path / "alone")
    named = {"new_class": {"name": "ant"}, "sample_ids": ["s0001"]}
    Api(alone, tsne_labels_db=place["labels_db"]).edit("labels/apply", run=".", base_revision=0, **named)
    done = command("export", run, place=place)
    assert done.exit_code == 2
    assert f"holds labels of a log dir that is itself a run: if that is {run}, say --logdir {run}." in done.output
    assert read_labels(alone, **place, logdir=alone)["label"].iloc[1] == "ant"


def test_a_tilde_is_the_home_folder_in_the_runs_path_too(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(run.parent))
    assert read_labels("~/run")["label"].iloc[0] == "unlabeled"


def test_another_log_dir_than_tensorboards_is_refused(run: Path, tmp_path: Path) -> None:
    place: dict[str, Any] = {"labels_dir": str(tmp_path / "labels")}
    label(page(run, place), range(2), "ant")
    done = command("export", run, place={**place, "logdir": str(tmp_path)})
    assert done.exit_code == 2
    assert "holds labels of 'birds/run', but none of 'logs/birds/run'" in done.output
    elsewhere = command("export", run, place={**place, "logdir": str(tmp_path / "labels")})
    assert "is not inside the log dir" in elsewhere.output


def test_the_log_dir_may_be_the_run_itself(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    api = Api(run, tsne_labels_dir=str(tmp_path / "labels"))
    named = {"new_class": {"name": "ant"}, "sample_ids": ["s0001"]}
    api.edit("labels/apply", run=".", base_revision=0, **named)
    assert read_labels(run, labels_dir=tmp_path / "labels", logdir=run)["label"].iloc[1] == "ant"
    link = tmp_path / "link"
    link.symlink_to(run)
    assert read_labels(link, labels_dir=tmp_path / "labels", logdir=link)["label"].iloc[1] == "ant"


@pytest.mark.parametrize("kind", ["dir", "db"])
def test_a_run_of_several_log_dirs_is_found_by_what_tensorboard_was_given(run: Path, tmp_path: Path, kind: str) -> None:
    place: dict[str, Any] = (
        {"labels_dir": str(tmp_path / "labels")} if kind == "dir" else {"labels_db": f"sqlite:///{tmp_path}/db"}
    )
    spec = f"one:{tmp_path}/other,two:{run.parents[1]}"
    (tmp_path / "table.tsv").write_text(f"sample_id\tlabel\n{sample_id(9)}\tbee\n")
    asked = command("import", run, tmp_path / "table.tsv", place=place)
    assert asked.exit_code == 2
    assert "(or what it has as --logdir_spec)" in asked.output
    done = command("import", run, tmp_path / "table.tsv", place={**place, "logdir": spec})
    assert done.exit_code == 0, done.output
    api = Api(None, logdir_spec=spec, **{f"tsne_{name}": value for name, value in place.items()})
    assert api.get("labels", run="two/birds/run", tensor="im").get_json()["labels"][9] == 1
    assert read_labels(run, **place, logdir=spec)["label"].iloc[9] == "bee"
    elsewhere = command("export", run, place={**place, "logdir": f"one:{tmp_path}/other"})
    assert "is not inside the log dir" in elsewhere.output


def test_a_run_behind_a_link_has_the_links_name_for_commands_too(run: Path, tmp_path: Path) -> None:
    place: dict[str, Any] = {"labels_dir": str(tmp_path / "labels")}
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "best"
    link.symlink_to(run)
    api = Api(tmp_path / "links", tsne_labels_dir=place["labels_dir"])
    api.edit("labels/apply", run="best", base_revision=0, new_class={"name": "ant"}, sample_ids=[sample_id(1)])
    assert (tmp_path / "labels" / "best" / "labels.sqlite").exists()
    assert read_labels(link, **place)["label"].iloc[1] == "ant"
    for folder in (link, run):
        assert read_labels(folder, **place, logdir=tmp_path / "links")["label"].iloc[1] == "ant"
    done = command("export", run, place=place)  # by its own name nothing is known of it
    assert done.exit_code == 2
    assert "holds no labels of" in done.output


def test_a_run_of_any_bytes_is_found_by_commands_too(run: Path, tmp_path: Path) -> None:
    place: dict[str, Any] = {"labels_dir": str(tmp_path / "labels")}
    odd = Path(os.fsdecode(os.path.join(os.fsencode(run.parent), b"caf\xe9")))
    run.rename(odd)
    api = Api(odd.parents[1], tsne_labels_dir=place["labels_dir"])
    named = {"new_class": {"name": "ant"}, "sample_ids": [sample_id(1)]}
    assert api.edit("labels/apply", run="birds/caf\\xe9", base_revision=0, **named).status_code == 200
    assert read_labels(odd, **place)["label"].iloc[1] == "ant"
    assert read_labels(odd, **place, logdir=odd.parents[1])["label"].iloc[1] == "ant"


def test_one_place_only(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"labels_dir": "somewhere", "labels_db": "sqlite:///other"}
    assert "Labels live in one place" in command("export", run, place=both).output
    flags = _flags("--tsne_labels_dir=a", "--tsne_labels_db=sqlite:///b")
    with pytest.raises(ValueError, match="Labels live in one place"):
        flags()
    monkeypatch.setenv("TB_TSNE_LABELS_DIR", "a")
    monkeypatch.setenv("TB_TSNE_LABELS_DB", "sqlite:///b")
    with pytest.raises(ValueError, match="unset TB_TSNE_LABELS_DIR or TB_TSNE_LABELS_DB"):
        _flags()()
    with pytest.raises(LabelsPlaceUnknown, match="are both set"):
        read_labels(run)


def _flags(*words: str) -> Callable[[], None]:
    import argparse

    parser = argparse.ArgumentParser()
    Loader().define_flags(parser)
    return lambda: Loader().fix_flags(parser.parse_args(words))


def test_a_password_in_the_databases_address_is_not_told(run: Path) -> None:
    done = command(
        "export", run, place={"labels_db": "postgresql://ann:secret@127.0.0.1:1/x", "logdir": str(run.parent)}
    )
    assert done.exit_code != 0
    assert "secret" not in done.output


def test_the_page_knows_what_to_tell_people_who_read_with_python(run: Path, place: dict[str, Any]) -> None:
    kept_in = page(run, place).get("runs").get_json()["labels_kept_in"]
    named = place or {
        name[8:].lower(): value for name, value in os.environ.items() if name.startswith("TB_TSNE_LABELS")
    }
    assert kept_in == {"": "run", "labels_dir": "dir", "labels_db": "database"}["".join(named)]


def test_a_column_that_is_not_there_is_said(run: Path) -> None:
    with pytest.raises(UnknownColumn, match="'eyes'"):
        read_labels(run, "eyes")

"""The formats are listed once: commands, modules and the table in docs/datasets.md agree with the list."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import click
import pytest

import tb_tsne_plugin.datasets.formats as modules
from tb_tsne_plugin.cli import cli
from tb_tsne_plugin.datasets.catalog import FORMATS, NAMES, Format, FormatModule
from tb_tsne_plugin.datasets.formats import (
    camtrapdp,
    coco,
    csv,
    ecotaxa,
    fiftyone,
    folders,
    hf,
    labelstudio,
    parquet,
    tsv,
    voc,
    yolo,
)

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")
MODULES: tuple[FormatModule, ...] = (
    *(tsv, csv, parquet, folders, hf, fiftyone, labelstudio, ecotaxa, camtrapdp, coco, yolo, voc),
)  # mypy compares each with the protocol


def test_every_module_is_a_format_and_every_format_has_one() -> None:
    assert sorted(found.name for found in pkgutil.iter_modules(modules.__path__)) == sorted(NAMES)
    assert [each.module() for each in FORMATS] == list(MODULES)


def test_the_commands_offer_these_and_no_others() -> None:
    labels = cli.commands["labels"]
    assert isinstance(labels, click.Group)
    for name in ("export", "import"):
        option = next(each for each in labels.commands[name].params if "--format" in each.opts)
        assert isinstance(option.type, click.Choice)
        assert tuple(option.type.choices) == NAMES


def row(form: Format) -> str:
    """The row of a format in the documents' table."""
    marks = (form.has_pictures, form.has_splits, form.has_suggestions, form.has_givers)
    cells = [f"`{form.name}`", form.title, form.out, form.layout, form.holds, form.named_by]
    return f"| {' | '.join([*cells, *('yes' if mark else '' for mark in marks)])} |"


def test_the_table_in_the_documents_is_this_list() -> None:
    table = re.findall(r"^\| `\w+` \|.*$", PAGE.split("## Formats")[1].split("\n## ")[0], flags=re.MULTILINE)
    assert table == [row(form) for form in FORMATS]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_format_is_described(form: Format) -> None:
    assert f"`{form.name}`" in PAGE.split("## What comes back")[1]

from __future__ import annotations

from pathlib import Path

import pytest

from exporters.backbones import absolute
from exporters.errors import ExportUsageError
from exporters.features.backbones.names import parse, short_names


@pytest.mark.parametrize(
    ("choice", "scheme", "name"),
    [
        ("vgg16", "keras", "vgg16"),
        ("mobilenet:0.75", "keras", "mobilenet:0.75"),
        ("keras:mobilenet:0.75", "keras", "mobilenet:0.75"),
        ("hf:facebook/dinov2-small", "hf", "facebook/dinov2-small"),
        ("kerashub:hf://keras/dinov2", "kerashub", "hf://keras/dinov2"),
        ("onnx:/models/a:b.onnx", "onnx", "/models/a:b.onnx"),
        ("python:encoders.small:embed", "python", "encoders.small:embed"),
        ("tim:vit", "keras", "tim:vit"),
    ],
)
def test_a_name_has_a_scheme_only_if_it_is_one_of_ours(choice: str, scheme: str, name: str) -> None:
    assert parse(choice) == (scheme, name)


@pytest.mark.parametrize("choice", ["hf:", "onnx: ", "keras:"])
def test_a_scheme_that_names_nothing_is_told_how_to_be_written(choice: str) -> None:
    with pytest.raises(ExportUsageError, match=f"names nothing: write {choice.strip()}"):
        parse(choice)


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        ("HF:facebook/dinov2-small", "hf:facebook/dinov2-small"),
        ("huggingface:facebook/dinov2-small", "hf:facebook/dinov2-small"),
        ("timm:resnet18", "hf:timm/resnet18"),
        ("keras_hub:dinov2_small", "kerashub:dinov2_small"),
        ("kerashb:dinov2_small", "kerashub:dinov2_small"),
        ("pyton:own.py:embed", "python:own.py:embed"),
        ("facebook/dinov2-small", "hf:facebook/dinov2-small"),
        ("dinov2_small", "hf:facebook/dinov2-small"),
        ("models/encoder.onnx", "onnx:models/encoder.onnx"),
        ("own.py", "python:MODULE:CALLABLE or python:FILE.py:CALLABLE"),
    ],
)
def test_a_name_that_is_plainly_anothers_is_told_how_to_be_written(choice: str, meant: str) -> None:
    with pytest.raises(ExportUsageError) as raised:
        parse(choice)
    assert str(raised.value) == f"There is no backbone {choice!r}: write {meant}."


def test_short_names_say_which_and_are_all_different() -> None:
    choices = ["hf:facebook/dinov2-small", "onnx:some/Model.onnx", "kerashub:here/model/", "mobilenet:0.75"]
    choices += ["python:a.py:embed", "keras:MobileNet:0.75", "hf:ünïcode/…"]
    assert short_names(choices) == [
        "dinov2-small",
        "model",
        "model-2",
        "mobilenet-0.75",
        "embed",
        "mobilenet-0.75-2",
        "hf",
    ]


def test_what_is_a_file_or_folder_can_be_named_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    assert absolute("onnx:model.onnx") == f"onnx:{tmp_path}/model.onnx"
    assert absolute("hf:folder") == f"hf:{tmp_path}/folder"
    assert absolute("python:my.py:embed") == f"python:{tmp_path}/my.py:embed"
    for same in ("hf:facebook/dinov2-small", "vgg16", "python:os.path:join", "mobilenet:0.75"):
        assert absolute(same) == same

"""Settings as they are written."""

from __future__ import annotations

import pytest

from tb_tsne_plugin.evaluation.settings import parse_setting, setting_title


def test_presets_and_letters() -> None:
    assert setting_title(parse_setting("strong")) == "f=0.1(10), r=0.1, s=200"
    assert setting_title(parse_setting("strong:s=250:r=0")) == "f=0.1(10), r=0, s=250"
    assert setting_title(parse_setting("unsupervised")) == "f=0, r=0, s=200"
    assert parse_setting("dim=2:theta=0.5").n_components == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("strnog", "'strnog' in 'strnog' is no setting; there are unsupervised, slight, strong, f="),
        ("f=much", "In 'f=much', 'much' is no number"),
        ("f=-1", "label_importance must be a number from 0 to 10, not -1"),
        ("s=10.5", "labeling_start must be a whole number"),
    ],
)
def test_what_is_wrong_is_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", "\\(")):
        parse_setting(text)

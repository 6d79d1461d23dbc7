"""Settings as they are written."""

from __future__ import annotations

import pytest

from tb_tsne_plugin.evaluation.settings import parse_setting, setting_title
from tb_tsne_plugin.evaluation.studies import panels_of


def test_presets_and_letters() -> None:
    assert setting_title(parse_setting("strong")) == "f=0.1(10), r=0.1, s=200"
    assert setting_title(parse_setting("strong:s=250:r=0")) == "f=0.1(10), r=0, s=250"
    assert setting_title(parse_setting("unsupervised")) == "f=0, r=0, s=200"
    assert parse_setting("dim=2:theta=0.5").n_components == 2


def test_each_study_has_a_panel_and_single_settings_share_one() -> None:
    panels = panels_of(["r", "f=0.3", "s", "strong", "f=0.3"])
    assert list(panels) == ["r", "settings", "s"]
    assert panels["settings"] == ["f=0.3", "strong"]
    assert len(panels["r"]) == 4
    assert panels["s"][0] == "f=0.01:ramp=1:r=0.1:s=150"


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

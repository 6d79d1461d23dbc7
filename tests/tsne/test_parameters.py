"""Parameters, presets and schedules."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from tb_tsne_plugin.tsne import PRESETS, Parameters
from tb_tsne_plugin.tsne.schedule import exaggeration, momentum


def test_defaults_are_the_papers() -> None:
    p = Parameters()
    assert (p.n_components, p.perplexity, p.theta, p.early_exaggeration) == (3, 20.0, 0.8, 4.0)
    assert (p.label_importance, p.repulsion_emphasis, p.labeling_start, p.ramp_epochs) == (0.01, 0.1, 200, 10)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("n_components", 4, "n_components must be a whole number from 2 to 3, not 4."),
        ("n_components", 2.5, "n_components must be a whole number from 2 to 3, not 2.5."),
        ("perplexity", float("nan"), "perplexity must be a number from 1 to 1000, not nan."),
        ("perplexity", "20", "perplexity must be a number from 1 to 1000, not '20'."),
        ("theta", True, "theta must be a number from 0 to 2, not True."),
        ("learning_rate", "fast", "learning_rate must be a number from 0.001 to 1e+06 or \"auto\", not 'fast'."),
        ("metric", "manhattan", "metric must be one of euclidean, cosine, not 'manhattan'."),
    ],
)
def test_values_out_of_range_are_refused_in_a_sentence(name: str, value: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        Parameters().updated({name: value})
    assert str(caught.value) == sentence


def test_unknown_parameters_are_named() -> None:
    with pytest.raises(ValueError, match="There is no parameter 'perplexety'"):
        Parameters().updated({"perplexety": 3})


def test_numbers_keep_their_kind() -> None:
    found = Parameters().updated({"perplexity": 30, "n_components": 2.0})
    assert asdict(found)["perplexity"] == 30.0
    assert isinstance(found.perplexity, float)
    assert isinstance(found.n_components, int)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets_are_valid(preset: str) -> None:
    found = Parameters().updated(dict(PRESETS[preset]))
    assert found.label_importance == {"unsupervised": 0.0, "slight": 0.01, "strong": 0.1}[preset]


@pytest.mark.parametrize(("n", "rate"), [(100, 50.0), (800, 50.0), (3200, 200.0)])
def test_learning_rate_grows_with_the_samples(n: int, rate: float) -> None:
    assert Parameters().learning_rate_for(n) == rate
    assert Parameters(learning_rate=123.0).learning_rate_for(n) == 123.0


@pytest.mark.parametrize(
    ("epoch", "alpha", "kept"), [(0, 4, 0.5), (100, 4, 0.5), (175, 2.5, 0.65), (250, 1, 0.8), (900, 1, 0.8)]
)
def test_schedules_are_linear_between_epochs_100_and_250(epoch: int, alpha: float, kept: float) -> None:
    assert exaggeration(epoch, 4.0) == pytest.approx(alpha)
    assert momentum(epoch) == pytest.approx(kept)

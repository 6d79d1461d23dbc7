"""The methods of active learning by name, as `tb-tsne evaluate active-learning --methods` takes them."""

from __future__ import annotations

from tb_tsne_plugin.evaluation.active_learning import (
    Method,
    entropy,
    labeling,
    margin,
    querying,
    random_selection,
    uncertainty,
)
from tb_tsne_plugin.evaluation.settings import parse_setting

METHODS: dict[str, tuple[str, Method]] = {
    "randselect": ("RandSelect", random_selection),
    "uncertainty": ("Uncertainty", querying(uncertainty)),
    "margin": ("Margin", querying(margin)),
    "entropy": ("Entropy", querying(entropy)),
}
"""Title and method, by name."""
TSNE = "tsne:"
PAPER_METHODS = [*METHODS, "tsne:unsupervised", "tsne:slight", "tsne:strong"]


def find_method(name: str) -> Method:
    """The method of a name: one of `METHODS`, or `tsne:` and a setting of `parse_setting`.

    Args:
      name: Its name.

    Returns:
      The method.

    Raises:
      ValueError: If there is none.
    """
    if name.startswith(TSNE):
        return labeling(parse_setting(name.removeprefix(TSNE)))
    if name not in METHODS:
        raise ValueError(f"{name!r} is no method; there are {', '.join(METHODS)} and tsne: with a setting.")
    return METHODS[name][1]


def method_title(name: str) -> str:
    """A method as the paper's Table 2 names it."""
    if not name.startswith(TSNE):
        return METHODS[name][0]
    setting = name.removeprefix(TSNE)
    usual = {"unsupervised": "t-SNE f=0", "slight": "t-SNE f=0.01", "strong": "t-SNE f=0.1(10)"}
    return usual.get(setting, f"t-SNE {setting}")

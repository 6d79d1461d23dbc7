"""The methods of active learning by name, as `tb-tsne evaluate active-learning --methods` takes them."""

from __future__ import annotations

from tb_tsne_plugin.evaluation.active_learning import (
    Method,
    Task,
    entropy,
    labeling,
    margin,
    querying,
    random_selection,
    uncertainty,
)
from tb_tsne_plugin.evaluation.annotator import best_size, until_first_mistake
from tb_tsne_plugin.evaluation.guided import AgreeingKernel, AnyFocus, guided
from tb_tsne_plugin.evaluation.settings import parse_setting
from tb_tsne_plugin.tsne import Parameters

SUGGESTIONS_FROM = 0.5


def _agreeing(task: Task) -> AgreeingKernel:
    return AgreeingKernel(task.features)


def _any(task: Task) -> AnyFocus:
    return AnyFocus(task.seed)


METHODS: dict[str, tuple[str, Method]] = {
    "randselect": ("RandSelect", random_selection),
    "uncertainty": ("Uncertainty", querying(uncertainty)),
    "margin": ("Margin", querying(margin)),
    "entropy": ("Entropy", querying(entropy)),
    "guided": ("Guided, best k", guided(Parameters())),
    "guided-stop": ("Guided, stop at the first mistake", guided(Parameters(), until_first_mistake)),
    "guided-machine": ("Guided, k by guidance", guided(Parameters(), None)),
    "guided-suggest": (
        "Guided, stop at the first mistake, learn from suggestions",
        guided(Parameters(), until_first_mistake, SUGGESTIONS_FROM),
    ),
    "kernel": ("Agreeing kernel, best k", labeling(Parameters(), _agreeing, best_size)),
    "kernel-stop": (
        "Agreeing kernel, stop at the first mistake",
        labeling(Parameters(), _agreeing, until_first_mistake),
    ),
    "any": ("Any focus, best k", labeling(Parameters(), _any, best_size)),
    "any-stop": ("Any focus, stop at the first mistake", labeling(Parameters(), _any, until_first_mistake)),
    "truth-stop": ("Algorithm 1, stop at the first mistake", labeling(Parameters(), size_group=until_first_mistake)),
}
"""Title and method, by name."""
TSNE = "tsne:"
PAPER_METHODS = ["randselect", "uncertainty", "margin", "entropy", "tsne:unsupervised", "tsne:slight", "tsne:strong"]


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

"""The methods of active learning by name, as `tb-tsne evaluate active-learning --methods` takes them."""

from __future__ import annotations

from tb_tsne_plugin.evaluation.active_learning import Method, Task, labeling
from tb_tsne_plugin.evaluation.annotator import best_size, until_first_mistake
from tb_tsne_plugin.evaluation.asking import MODE_TITLES, MODES, asking
from tb_tsne_plugin.evaluation.guided import AgreeingKernel, AnyFocus, Guided, machine_sized
from tb_tsne_plugin.evaluation.policies.badge import badge
from tb_tsne_plugin.evaluation.policies.chance import Chance
from tb_tsne_plugin.evaluation.policies.dropquery import dropquery
from tb_tsne_plugin.evaluation.policies.kmeans import Central
from tb_tsne_plugin.evaluation.policies.maxherding import MaxHerding
from tb_tsne_plugin.evaluation.policies.policy import MakePolicy, first_then
from tb_tsne_plugin.evaluation.policies.probcover import ProbCover
from tb_tsne_plugin.evaluation.policies.typiclust import TypiClust
from tb_tsne_plugin.evaluation.policies.uherding import UHerding
from tb_tsne_plugin.evaluation.policies.uncertainty import entropy, margin, querying, uncertainty, wanted_first
from tb_tsne_plugin.evaluation.settings import parse_setting
from tb_tsne_plugin.tsne import Parameters

RANDOM, GUIDED = "randselect", "guided"
POLICIES: dict[str, tuple[str, MakePolicy]] = {
    RANDOM: ("RandSelect", Chance),
    "uncertainty": ("Uncertainty", querying(uncertainty)),
    "margin": ("Margin", querying(margin)),
    "entropy": ("Entropy", querying(entropy)),
    "kmeans": ("k-means first, then RandSelect", first_then(Central, Chance)),
    "kmeans-margin": ("k-means first, then Margin", first_then(Central, wanted_first(margin))),
    "badge": ("BADGE", badge),
    "typiclust": ("TypiClust", TypiClust),
    "probcover": ("ProbCover", ProbCover),
    "dropquery": ("DropQuery", dropquery),
    "maxherding": ("MaxHerding", MaxHerding),
    "uherding": ("UHerding", UHerding),
    GUIDED: ("Guided", Guided),
}
"""Title and policy, by name: each is a method in every mode."""


def _agreeing(task: Task) -> AgreeingKernel:
    return AgreeingKernel(task.features)


def _any(task: Task) -> AnyFocus:
    return AnyFocus(task.seed)


METHODS: dict[str, tuple[str, Method]] = {
    "guided": ("Guided, best k", asking(Guided, MODES["groups"], size_group=best_size)),
    "guided-machine": ("Guided, k by guidance", machine_sized(Parameters())),
    "kernel": ("Agreeing kernel, best k", labeling(Parameters(), _agreeing, best_size)),
    "kernel-stop": (
        "Agreeing kernel, stop at the first mistake",
        labeling(Parameters(), _agreeing, until_first_mistake),
    ),
    "any": ("Any focus, best k", labeling(Parameters(), _any, best_size)),
    "any-stop": ("Any focus, stop at the first mistake", labeling(Parameters(), _any, until_first_mistake)),
    "truth-stop": ("Algorithm 1, stop at the first mistake", labeling(Parameters(), size_group=until_first_mistake)),
}
"""Title and method of those that are no policy in a mode, by name."""
ALIASES = {"guided-stop": "guided:groups", "guided-suggest": "guided:groups+suggestions"}
TSNE = "tsne:"
PAPER_METHODS = ["randselect", "uncertainty", "margin", "entropy", "tsne:unsupervised", "tsne:slight", "tsne:strong"]


def split_method(name: str) -> tuple[str, str] | None:
    """The policy and the mode of a method: `uherding:groups`; `uherding` is `uherding:names`.

    Args:
      name: The method's.

    Returns:
      Names of `POLICIES` and `MODES`; None for a method that is no policy in a mode.
    """
    if name in METHODS:
        return None
    policy, _, mode = ALIASES.get(name, name).partition(":")
    mode = mode or "names"
    return (policy, mode) if policy in POLICIES and mode in MODES else None


def find_method(name: str) -> Method:
    """The method of a name: a policy in a mode, one of `METHODS`, or `tsne:` and a setting of `parse_setting`.

    Args:
      name: Its name.

    Returns:
      The method.

    Raises:
      ValueError: If there is none.
    """
    if name.startswith(TSNE):
        return labeling(parse_setting(name.removeprefix(TSNE)))
    if name in METHODS:
        return METHODS[name][1]
    found = split_method(name)
    if found is None:
        raise ValueError(
            f"{name!r} is no method; there are {', '.join(POLICIES)}, alone or with a colon and "
            f"{', '.join(MODES)}; {', '.join([*METHODS, *ALIASES])}; and tsne: with a setting."
        )
    policy, mode = found
    return asking(POLICIES[policy][1], MODES[mode])


def method_title(name: str) -> str:
    """A method as the paper's Table 2 names it, or a policy with its mode."""
    if name.startswith(TSNE):
        setting = name.removeprefix(TSNE)
        usual = {"unsupervised": "t-SNE f=0", "slight": "t-SNE f=0.01", "strong": "t-SNE f=0.1(10)"}
        return usual.get(setting, f"t-SNE {setting}")
    found = split_method(name)
    if found is None:
        return METHODS[name][0]
    policy, mode = found
    # The paper's baselines have its own names, without a mode.
    return POLICIES[policy][0] if name in PAPER_METHODS else f"{POLICIES[policy][0]}, {MODE_TITLES[mode]}"

"""An emulated person who finishes the job: labels everything, by one policy or another, until a share of it is right.

The person knows the truth, when looking; what to look at is decided from features, positions and the labels given.
Actions are counted as on the page: a class named is one, the size of a group one more, each image dropped from it or
named on a page one, a page one, accepting unseen one, a group or a single label verified or changed one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.annotator import SizeGroup, best_size, neighborhood, start, until_first_mistake
from tb_tsne_plugin.guidance.guide import Guide
from tb_tsne_plugin.guidance.looks import SHOWN, Look, look_at, surest_part
from tb_tsne_plugin.guidance.next_steps import PAGE_SIZE, Step, next_steps, page_of
from tb_tsne_plugin.guidance.suggestions import Suggestions
from tb_tsne_plugin.tsne import UNLABELED, Parameters, compute_affinities

GROUP_ACTIONS = 40
"""Actions for groups, before those policies that go on otherwise do so."""
VERIFIED_AT_ONCE = 10
"""Labels of a list to verify that are looked at before the list is made anew."""
ACCEPTED_FROM = 0.9
"""The chance that suggestions must have to be accepted unseen."""


class Habits(NamedTuple):
    """How the emulated person works."""

    share: float = 0.99
    """Of all images that must have the right label."""
    page_size: int = PAGE_SIZE
    overlook: float = 0.0
    """Share of the strays on a page that are not noticed."""
    slip: float = 0.0
    """Share of groups, and of single names, that get a wrong class as a whole."""


class Point(NamedTuple):
    """How far the job is after an action."""

    actions: int
    labels: int
    right: int
    looks: int
    """Images seen so far, each time that they were."""


@dataclass
class Desk:
    """The images, the labels given to them so far, and the person who gives them.

    Attributes:
      truth: (N,) true classes.
      habits: The person's.
      random: Of what is overlooked and misnamed.
      labels: (N,) classes, -1 where there is none.
      batches: (N,) the edit that gave the label, -1 where there is none.
      seen: (N,) whether the person saw the very image when it got its label.
      verified: (N,) whether there was a second look.
      accepted: (N,) whether the label was accepted unseen.
      n_strays: How many images were given something else than the page that they were on.
      unseen: How many labels were accepted unseen, and how many of them were right.
      curve: A point for each action.
    """

    truth: NDArray[np.int64]
    habits: Habits
    random: np.random.Generator
    labels: NDArray[np.int32] = field(init=False)
    batches: NDArray[np.int32] = field(init=False)
    seen: NDArray[np.bool_] = field(init=False)
    verified: NDArray[np.bool_] = field(init=False)
    accepted: NDArray[np.bool_] = field(init=False)
    n_strays: int = 0
    unseen: tuple[int, int] = (0, 0)
    curve: list[Point] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        n = len(self.truth)
        self.labels = np.full(n, UNLABELED, dtype=np.int32)
        self.batches = np.full(n, -1, dtype=np.int32)
        self.seen, self.verified, self.accepted = np.zeros((3, n), dtype=bool)
        self._edits = 0

    @property
    def actions(self) -> int:
        """Made so far."""
        return self.curve[-1].actions if self.curve else 0

    @property
    def done(self) -> bool:
        """Whether enough is right."""
        return bool(self.curve) and self.curve[-1].right >= self.habits.share * len(self.truth)

    @property
    def states(self) -> NDArray[np.uint8]:
        """(N,) unlabeled 0, labeled 1, seen 2, verified 3."""
        given = np.where(self.verified, 3, np.where(self.seen, 2, 1))
        return np.where(self.labels == UNLABELED, 0, given).astype(np.uint8)

    @property
    def open(self) -> NDArray[np.intp]:
        """Rows without a label."""
        return np.flatnonzero(self.labels == UNLABELED)

    def name(self, row: int) -> None:
        """Names one image."""
        self._give([row], self._named(row), seen=True)

    def group(self, Y: NDArray[np.float32], focus: int, size: SizeGroup = until_first_mistake) -> None:
        """Names an image, sizes the group round it, and drops what does not belong."""
        group = neighborhood(focus, Y, self.labels, self.truth)
        k = size(group)
        members = group.neighbors[:k][group.unlabeled[:k]]
        belong = self.truth[members] == self.truth[focus]
        self.looks += len(members)
        self._give([focus, *members[belong]], self._named(focus), 1 + (k > 0) + int((~belong).sum()))

    def page(self, rows: NDArray[np.integer], label: int) -> NDArray[np.bool_]:
        """Looks through images of one suggested class, names the strays, and accepts the rest; stops where it is done.

        Returns:
          Which of them were given another class.
        """
        return self._look(rows, np.full(len(rows), label), until_done=True)

    def look(self, rows: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Looks at a sample of what would be accepted, each with its own suggestion: one page, strays named.

        Returns:
          Which of them were given another class.
        """
        return self._look(rows, labels, until_done=False)

    def _look(self, rows: NDArray[np.integer], labels: NDArray[np.integer], *, until_done: bool) -> NDArray[np.bool_]:
        strays = self._noticed(rows, labels)
        self.n_strays += int(strays.sum())
        for row in rows[strays]:
            self._give([row], int(self.truth[row]), seen=True)
            if self.done and until_done:
                return strays
        self._give(rows[~strays], labels[~strays], seen=True)
        return strays

    def accept(self, rows: NDArray[np.integer], labels: NDArray[np.integer]) -> None:
        """Accepts suggestions unseen."""
        right = int((self.truth[rows] == labels).sum())
        self.unseen = (self.unseen[0] + len(rows), self.unseen[1] + right)
        self.accepted[rows] = True
        self._give(rows, labels, looked=False)

    def verify(self, rows: NDArray[np.integer]) -> None:
        """Looks a second time at labels that were given together, and renames them where most are of another class."""
        classes, counts = np.unique(self.truth[rows], return_counts=True)
        self._give(rows, int(classes[counts.argmax()]), seen=True, anew=False)
        self.verified[rows] = True

    def _noticed(self, rows: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.bool_]:
        strays = self.truth[rows] != labels
        return np.asarray(strays & (self.random.random(len(rows)) >= self.habits.overlook))

    def _named(self, row: int) -> int:
        truth = int(self.truth[row])
        if self.random.random() >= self.habits.slip:
            return truth
        others = np.unique(self.truth)
        return int(self.random.choice(others[others != truth]))

    def _give(
        self,
        rows: NDArray[np.integer] | list[int],
        labels: NDArray[np.integer] | int,
        cost: int = 1,
        *,
        seen: bool = False,
        looked: bool = True,
        anew: bool = True,
    ) -> None:
        rows = np.asarray(rows, dtype=np.intp)
        self.labels[rows] = labels
        if anew:
            self.batches[rows] = self._edits
        self._edits += 1
        self.seen[rows] |= seen
        self.looks += len(rows) if looked else 0
        right = int((self.labels == self.truth).sum())
        n_labels = int((self.labels != UNLABELED).sum())
        self.curve.append(Point(self.actions + cost, n_labels, right, self.looks))


class Helper:
    """What the plugin tells the person: it sees features, positions and labels, never the truth."""

    def __init__(self, features: NDArray[np.float32], parameters: Parameters) -> None:
        """Embeds, until labelling may start.

        Args:
          features: (N, D).
          parameters: The t-SNE's.
        """
        self.guide = Guide(features, compute_affinities(features, parameters.perplexity).P)
        self._embedding = start(features, parameters)
        self._embedding.step(max(parameters.labeling_start - 1, 0))

    def positions(self, desk: Desk) -> NDArray[np.float32]:
        """(d, N), an epoch on."""
        self._embedding.set_labels(np.arange(len(desk.labels)), desk.labels)
        self._embedding.step()
        return self._embedding.positions

    def steps(self, desk: Desk) -> list[Step]:
        """What to do next, best first."""
        self.guide.calibrate(desk.labels, desk.batches)
        Y = self.positions(desk) if len(np.unique(desk.batches)) <= GROUP_ACTIONS else self._embedding.positions
        found = self.guide.guidance(Y, desk.labels, count=1)
        to_verify: list[NDArray[np.int64]] = []
        if not len(desk.open):
            to_verify = self.guide.to_verify(desk.labels, desk.batches, desk.states).rows
        return next_steps(
            desk.labels, found.suggestions, found.candidates, desk.batches, to_verify, desk.habits.page_size
        )

    def accept(self, desk: Desk) -> list[Look]:
        """Lets the person look at a sample of each class's sure suggestions, and accepts as many as it speaks for."""
        suggestions = self.guide.suggest(desk.labels, desk.batches)
        looks = []
        for rows in sure_rows(desk, suggestions):
            places = look_at(len(rows), len(desk.curve))
            wrong = desk.look(rows[places], suggestions.labels[rows[places]])
            part = surest_part(suggestions.confidence[rows], places, wrong)
            unseen = rows[np.setdiff1d(np.arange(part.size), places)]
            if len(unseen):
                desk.accept(unseen, suggestions.labels[unseen])
                among = places < part.size
                looks.append(Look(part.size, int(among.sum()), int(wrong[among].sum())))
        return looks


def sure_rows(desk: Desk, suggestions: Suggestions) -> list[NDArray[np.intp]]:
    """Of each class the open images that surely are of it, the surest first, where a look would not show them all."""
    sure = desk.open[suggestions.confidence[desk.open] >= ACCEPTED_FROM]
    surest_first = sure[np.argsort(-suggestions.confidence[sure], kind="stable")]
    each = (surest_first[suggestions.labels[surest_first] == label] for label in suggestions.classes)
    return [rows for rows in each if len(rows) > SHOWN]


Policy = Callable[[Desk, Helper], None]


def one_by_one(desk: Desk, _helper: Helper) -> None:
    """Names every image by itself."""
    for row in desk.random.permutation(len(desk.truth)):
        if desk.done:
            return
        desk.name(int(row))


def groups(desk: Desk, helper: Helper, actions: int | None = None, size: SizeGroup = best_size) -> None:
    """Guided groups to the end, or for some actions."""
    while not desk.done and len(desk.open) and (actions is None or desk.actions < actions):
        helper.guide.calibrate(desk.labels, desk.batches)
        Y = helper.positions(desk)
        desk.group(Y, helper.guide.guidance(Y, desk.labels, count=1).candidates[0].focus, size)


def accept(desk: Desk, helper: Helper) -> None:
    """Some groups, then everything suggested, and then the labels to verify, one by one."""
    groups(desk, helper, GROUP_ACTIONS)
    suggestions = helper.guide.suggest(desk.labels, desk.batches)
    rows = desk.open
    if not desk.done and len(rows):
        desk.accept(rows, suggestions.labels[rows])
    while not desk.done:
        doubtful = [issue.row for issue in helper.guide.label_issues(desk.labels) if not desk.verified[issue.row]]
        if not doubtful:
            return
        for row in doubtful[:VERIFIED_AT_ONCE]:
            if not desk.done:
                desk.verify(np.array([row]))


def pages(desk: Desk, helper: Helper) -> None:
    """Some groups, then pages of the class whose surest images are surest."""
    groups(desk, helper, GROUP_ACTIONS, until_first_mistake)
    while not desk.done and len(desk.open):
        suggestions = helper.guide.suggest(desk.labels, desk.batches)
        found = [page_of(int(c), desk.labels, suggestions, desk.habits.page_size) for c in suggestions.classes]
        best = max((page for page in found if page is not None), key=lambda page: page.right)
        desk.page(best.rows[: best.shown], best.label)


def guided(desk: Desk, helper: Helper) -> None:
    """Whatever guidance says is best: groups, names, pages, second looks."""
    while not desk.done:
        steps = helper.steps(desk)
        if steps[0].kind == "done":
            return
        follow(desk, helper, steps[0])
        if steps[0].kind == "verify" and len(steps[0].rows) == 1:  # a list of single labels is gone through for a while
            for step in steps[1:VERIFIED_AT_ONCE]:
                if step.kind == "verify" and not desk.done:
                    follow(desk, helper, step)


def follow(desk: Desk, helper: Helper, step: Step) -> None:
    """Does what guidance says, but nothing unseen."""
    if step.kind == "page":
        desk.page(step.rows[: step.shown], step.label)
    elif step.kind == "verify":
        desk.verify(step.rows)
    else:  # whatever size guidance proposes, the person sees how far the group is pure
        desk.group(helper.positions(desk), int(step.rows[0]))


POLICIES: dict[str, tuple[str, Policy]] = {
    "one-by-one": ("One by one", one_by_one),
    "groups": ("Guided groups to the end", groups),
    "accept": (f"{GROUP_ACTIONS} actions for groups, accept everything, verify one by one", accept),
    "pages": (f"{GROUP_ACTIONS} actions for groups, then pages", pages),
    "guided": ("Guided: groups, pages, second looks", guided),
}
"""Title and policy, by name."""


def find_policy(name: str) -> Policy:
    """The policy of a name.

    Args:
      name: One of `POLICIES`.

    Returns:
      The policy.

    Raises:
      ValueError: If there is none.
    """
    if name not in POLICIES:
        raise ValueError(f"{name!r} is no policy; there are {', '.join(POLICIES)}.")
    return POLICIES[name][1]


def finish(
    features: NDArray[np.float32], truth: NDArray[np.int64], policy: str, habits: Habits, random_state: int = 0
) -> Desk:
    """Lets the emulated person finish.

    Args:
      features: (N, D).
      truth: (N,) true classes from 0 on.
      policy: One of `POLICIES`.
      habits: The person's.
      random_state: Seed of the t-SNE and of the person.

    Returns:
      The desk as it is left: with enough that is right, or where the policy has nothing more to do.
    """
    desk = Desk(truth, habits, np.random.default_rng(random_state))
    find_policy(policy)(desk, Helper(features, Parameters(random_state=random_state)))
    return desk

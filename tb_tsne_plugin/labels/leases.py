"""Who works on what: pieces of work are given out for a while, so that no two people do the same.

Pure rules: leases come in, and times are arguments. `lease_rows` keeps them in a store, `LabelStore.take` puts the two
together under the column's write lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from tb_tsne_plugin.labels.model import Theirs

LEASE_MS = 60_000
"""How long a lease holds that nobody renews."""
MOST_LEASES = 1_000
"""Of a label column, that are looked at."""
MOST_LEASED = 1_000
"""Samples of one lease."""

LeaseKind: TypeAlias = Literal["group", "page", "view"]
"""What a tab is at. A view is the picture with nothing selected, or with more than is given out: it holds nothing."""


class Tab(NamedTuple):
    """One tab of somebody's browser.

    Attributes:
      author: The name.
      client: What tells people of one name apart; empty where nothing is known of it.
      tag: What tells the tabs of one browser apart.
    """

    author: str
    client: str
    tag: str

    @property
    def key(self) -> tuple[str, str]:
        """What stays as somebody takes another name: random, and told to nobody else."""
        return self.client, self.tag


class Spot(NamedTuple):
    """What somebody looks at.

    Attributes:
      kind: A group, a page, or the picture.
      size: How many samples it is about.
      class_id: The class that they are expected to be of, if one is.
      sample_ids: All of them where they are held, else some.
    """

    kind: LeaseKind
    size: int
    class_id: int | None
    sample_ids: tuple[str, ...]


class Lease(NamedTuple):
    """What a tab is at, for a while.

    Attributes:
      tab: Whose.
      op_id: The name under which it was asked for; empty for a view.
      spot: What they look at.
      until: Milliseconds since 1970, by the clock of the database.
    """

    tab: Tab
    op_id: str
    spot: Spot
    until: int

    @property
    def holds(self) -> bool:
        """Whether its samples are given to nobody else."""
        return self.spot.kind != "view"


class Ask(NamedTuple):
    """What is asked for.

    Attributes:
      op_id: Its name: asked again under the same, it is the same piece.
      kind: One whole group, or as much of a page as is free.
      choices: Sample ids of groups, the best first, each with its focus first; or those of one page, in its order.
      most: So many samples at most.
      class_id: As for `Spot`.
      seen: The revision of the labels that the choices were made of; None where nobody knows.
    """

    op_id: str
    kind: Literal["group", "page"]
    choices: Sequence[Sequence[str]]
    most: int = MOST_LEASED
    class_id: int | None = None
    seen: int | None = None

    def without(self, changed: Container[str]) -> Ask:
        """The same without samples of which something was said since: a group with such a focus is no choice."""
        is_page = self.kind == "page"
        choices = [choice for choice in self.choices if is_page or (choice and choice[0] not in changed)]
        return self._replace(choices=[[each for each in choice if each not in changed] for choice in choices])


class Given(NamedTuple):
    """What came of it.

    Attributes:
      lease: What is held now; None where others hold all that was asked for.
      held_by: Who holds something of what was asked for and not given, and how much.
    """

    lease: Lease | None
    held_by: tuple[Theirs, ...]


def give(leases: Iterable[Lease], tab: Tab, ask: Ask, now: int) -> Given:
    """Gives out the first that is free.

    A group of which others hold something is passed over for one that is free as a whole; where there is none, it is
    given without that, as long as its focus is free.

    Args:
      leases: All of the label column.
      tab: Who asks; what they held before is theirs to take anew.
      ask: What they ask for.
      now: Milliseconds since 1970.
    """
    living = [each for each in leases if each.until > now]
    holders = {
        sample_id: each.tab.author
        for each in living
        if each.holds and each.tab.key != tab.key
        for sample_id in each.spot.sample_ids
    }
    same = next((each for each in living if each.tab.key == tab.key and each.op_id == ask.op_id and each.holds), None)
    if same is not None:  # the answer was lost: its samples have been nobody else's since
        return Given(same._replace(until=now + LEASE_MS), _held_by(ask.choices, holders))
    choice, found = _chosen(ask, holders)
    if not found:
        return Given(None, _held_by(ask.choices, holders))
    spot = Spot(ask.kind, len(found), ask.class_id, tuple(found))
    return Given(Lease(tab, ask.op_id, spot, now + LEASE_MS), _held_by([choice], holders))


def _chosen(ask: Ask, holders: dict[str, str]) -> tuple[Sequence[str], Sequence[str]]:
    """The choice that is taken, and what is given of it; nothing where all is held."""
    if ask.kind == "group":
        for choice in ask.choices:
            if choice and holders.keys().isdisjoint(choice[: ask.most]):
                return choice, choice[: ask.most]
    for choice in ask.choices:
        free = [sample_id for sample_id in choice if sample_id not in holders][: ask.most]
        if free and (ask.kind == "page" or free[0] == choice[0]):
            return choice, free
    return (), ()


def _held_by(choices: Iterable[Sequence[str]], holders: dict[str, str]) -> tuple[Theirs, ...]:
    asked = {sample_id for choice in choices for sample_id in choice}
    counts = Counter(holders[sample_id] for sample_id in asked & holders.keys())
    return tuple(Theirs(author, count) for author, count in sorted(counts.items()))

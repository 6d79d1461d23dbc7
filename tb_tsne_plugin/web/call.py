"""What a handler gets besides its typed request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from werkzeug.wrappers import Request

from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.labels.model import Person
from tb_tsne_plugin.live.company import Onlooker
from tb_tsne_plugin.runs import Run, Tensor
from tb_tsne_plugin.web.entrance import Visitor
from tb_tsne_plugin.web.guards import Guards
from tb_tsne_plugin.web.messages import OfRun, OfTensor
from tb_tsne_plugin.web.people import Asker, asker_of, client_of
from tb_tsne_plugin.workspace import Workspace

OF_A_TOKEN = "token"
"""The tag of whoever is known by a token, whichever browser they ask from."""


@dataclass(frozen=True)
class Call:
    """One request on its way.

    Attributes:
      workspace: The log dir, with no other label columns than whoever asks can read.
      request: The request as it came.
      guards: Who may ask what.
      author_header: In which a proxy on this machine says who has signed in; empty where none does.
      visitor: What their token allows; None where no tokens are in use.
    """

    workspace: Workspace
    request: Request
    guards: Guards
    author_header: str = ""
    visitor: Visitor | None = None

    @cached_property
    def asker(self) -> Asker:
        """Who asks, whether their name is known, and whether a token proves it."""
        return asker_of(self.request, self.author_header, self.visitor.name if self.visitor else "")

    @property
    def right(self) -> Right:
        """What whoever asks may do: by their token, or where none are in use by whence they ask."""
        if self.visitor is not None:
            return self.visitor.right or Right.LOOK
        return Right.MANAGE if self.may_edit else Right.LOOK

    @property
    def person(self) -> Person:
        """Who asks, as far as it is about their own edits."""
        return self.asker.person

    @property
    def onlooker(self) -> Onlooker:
        """Who asks, as one of those who look at a session: one person, in however many browsers, if a token says so."""
        asker = self.asker
        if asker.is_proven and client_of(self.request):
            return Onlooker(asker.person.author, OF_A_TOKEN)
        return Onlooker(*asker.person)

    @cached_property
    def edit_problem(self) -> str | None:
        """Why this client may look but not edit; None where it may edit."""
        return self.guards.edit_problem(self.request, self.visitor)

    @property
    def may_edit(self) -> bool:
        """Whether this client may edit, and not only look."""
        return self.edit_problem is None

    def run(self, about: OfRun) -> Run:
        """The run that a request is about.

        Raises:
          UnknownRun: If there is none of that name.
        """
        return self.workspace.run(about.run)

    def tensor(self, about: OfTensor) -> tuple[Run, Tensor]:
        """The run and the features that a request is about.

        Raises:
          UnknownRun, UnknownTensor: If there are none of these names.
        """
        run = self.run(about)
        return run, run.tensor(about.tensor)

"""What a handler gets besides its typed request."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.wrappers import Request

from tb_tsne_plugin.runs import Run, Tensor
from tb_tsne_plugin.web.client import author_of
from tb_tsne_plugin.web.guards import Guards
from tb_tsne_plugin.web.messages import OfRun, OfTensor
from tb_tsne_plugin.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """One request on its way.

    Attributes:
      workspace: The log dir.
      request: The request as it came.
      guards: Who may ask what.
    """

    workspace: Workspace
    request: Request
    guards: Guards

    @property
    def author(self) -> str:
        """Who asks: this machine's user, or the address of another machine or of a proxy."""
        return author_of(self.request)

    @property
    def edit_problem(self) -> str | None:
        """Why this client may look but not edit; None where it may edit."""
        return self.guards.edit_problem(self.request)

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

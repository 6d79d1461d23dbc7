"""What axe-core finds: names of controls, roles, contrast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tests.e2e.page import LabelProjector

AXE = Path(__file__).resolve().parents[3] / "projector_frontend" / "node_modules" / "axe-core" / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_FRAME = "page-has-heading-one"
"""Our page is a part of TensorBoard's, which has the title."""
SCROLLED = "partially obscured"
"""A target that is half scrolled out of sight is not too small; what lies over another, the overlaps find."""


class Node(msgspec.Struct, frozen=True):
    """An element that breaks a rule."""

    html: str
    failureSummary: str  # noqa: N815


class Violation(msgspec.Struct, frozen=True):
    """A broken rule."""

    id: str
    nodes: list[Node]


def violations(projector: LabelProjector, *rules: str) -> list[str]:
    """Breaches of WCAG 2.2 AA and of good practice; only of some rules where they are named."""
    projector.frame.evaluate(AXE.read_text(encoding="utf-8"))
    only: dict[str, Any] = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": STANDARD}
    answer = projector.frame.evaluate("async (only) => (await axe.run({ runOnly: only })).violations", only)
    return [
        f"{broken.id}: {node.html[:120]} ({' '.join(node.failureSummary.split())})"
        for broken in msgspec.convert(answer, list[Violation])
        for node in broken.nodes
        if broken.id != OF_THE_FRAME and not (broken.id == "target-size" and SCROLLED in node.failureSummary)
    ]

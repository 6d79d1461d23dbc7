"""Whether a licence is free, so that people are told where it is not."""

from __future__ import annotations

import re

from exporters.features.backbones.backbone import Description

_FREE = re.compile(
    r"apache-?\s?2(\.0)?|mit|bsd.*|cc0.*|cc[ -]by[ -](sa[ -])?\d.*|(a|l)?gpl.*|unlicense|mpl-2\.0|isc", re.I
)


def note_on(description: Description) -> str | None:
    """A sentence on a backbone's licence, where it has one that is not free; None where it is free or not known."""
    licence = description.licence
    if licence is None or _FREE.fullmatch(licence):
        return None
    return (
        f"The weights of {description.scheme}:{description.name} come under {licence}, which is no free licence: read "
        "it before you use or pass on what comes of them."
    )

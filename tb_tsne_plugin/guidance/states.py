"""What became of a sample, as a number: the order is that of the label store's states, which a test compares."""

from __future__ import annotations

from enum import IntEnum


class SampleState(IntEnum):
    """A state. A label is labeled, seen or verified; what is set aside, unsure or ignored, counts as having none."""

    UNLABELED = 0
    LABELED = 1
    SEEN = 2
    VERIFIED = 3
    UNSURE = 4
    IGNORED = 5

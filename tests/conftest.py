"""Fixtures that several parts share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        reason = f"the image sets and weights are not beside this checkout (no ../shared/{name})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The five image sets."""
    return _shared("data")


@pytest.fixture(scope="session")
def keras_dir() -> Path:
    """A KERAS_HOME with ImageNet weights."""
    return _shared("keras")

"""Fixtures that several parts share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.missing import missing

# A machine that is busy finds examples slowly; nothing else is wrong with a test then.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

SHARED = Path(__file__).resolve().parents[2] / "shared"
NEEDS = {
    "browser": "browser",
    "data_dir": "data",
    "keras_dir": "data",
    "postgres": "postgresql",
    "ray_cluster": "ray",
}
"""The marker (pyproject.toml lists them) that a fixture gives to every test that asks for it."""
LONG = {"browser", "data", "install", "peers", "postgresql", "ray", "slow", "tensorboard", "tensorflow"}
"""Markers of tests that take seconds, or minutes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test by what its fixtures need; what it needs besides, a file says itself by `pytestmark`.

    Files with such tests come first: what two processes have left at the end is then short.
    """
    for item in items:
        if isinstance(item, pytest.Function):
            for marker in {NEEDS[fixture] for fixture in item.fixturenames if fixture in NEEDS}:
                item.add_marker(marker)
    long = {item.path for item in items if not LONG.isdisjoint(mark.name for mark in item.iter_markers())}
    items.sort(key=lambda item: item.path not in long)


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        missing(f"the image sets and weights are not beside this checkout (no ../shared/{name})")
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The five image sets."""
    return _shared("data")


@pytest.fixture(scope="session")
def keras_dir() -> Path:
    """A KERAS_HOME with ImageNet weights."""
    return _shared("keras")


@pytest.fixture
def ray_cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Ray cluster of two workers on this machine."""
    try:
        import ray
    except ImportError:
        missing("needs the extra [cluster]")
    monkeypatch.setenv("RAY_worker_niceness", "0")  # Ray's own 15 starves its workers beside other tests
    ray.init(num_cpus=2, log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    yield
    ray.shutdown()

"""Checkpoints: what is kept is what is found, and what does not fit is passed over."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_tsne_plugin.live import SessionParameters
from tb_tsne_plugin.live.checkpoint import Checkpoint, CheckpointHeader, read_checkpoint, read_header

PARAMETERS = SessionParameters(perplexity=7.0, n_components=2, speed_limit=30)


def checkpoint() -> Checkpoint:
    header = CheckpointHeader(
        version="1",
        column="label",
        revision=3,
        parameters=PARAMETERS,
        epoch=50,
        run_until=300,
        paused=True,
        cost_curve=((50, 1.25),),
    )
    positions, velocity, gains = np.random.default_rng(0).standard_normal((3, 2, 9)).astype(np.float32)
    return Checkpoint(header, positions, velocity, gains, np.arange(10, dtype=np.int32))


def arrays_of(kept: Checkpoint) -> dict[str, Any]:
    return {"positions": kept.positions, "velocity": kept.velocity, "gains": kept.gains, "labels": kept.labels}


def test_what_is_kept_is_what_is_found(tmp_path: Path) -> None:
    kept = checkpoint()
    kept.save(tmp_path / "below" / "kept.npz")
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["kept.npz"]
    found = read_checkpoint(tmp_path / "below" / "kept.npz", "1", 10, 9)
    assert found is not None
    assert found.header == kept.header
    for name in ("positions", "velocity", "gains", "labels"):
        assert np.array_equal(getattr(found, name), getattr(kept, name))


def test_a_checkpoint_of_before_the_typed_header_is_found(tmp_path: Path) -> None:
    """As version 0.1.0 wrote it, the speed limit beside the parameters."""
    parameters = {"n_components": 2, "perplexity": 7.0, "theta": 0.8, "method": "auto", "random_state": 0}
    about = {"format": 1, "version": "1", "column": "label", "revision": 3, "parameters": parameters}
    about |= {"speed_limit": None, "epoch": 50, "run_until": 300, "paused": True, "curve": [[50, 1.25]]}
    kept = checkpoint()
    raw = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    arrays = arrays_of(kept)
    np.savez(tmp_path / "kept.npz", about=raw, **arrays)
    found = read_checkpoint(tmp_path / "kept.npz", "1", 10, 9)
    assert found is not None
    assert found.header.cost_curve == ((50, 1.25),)
    assert found.header.parameters == SessionParameters(perplexity=7.0, n_components=2)


@pytest.mark.parametrize(
    ("version", "n_samples", "n_embedded"), [("2", 10, 9), ("1", 11, 9), ("1", 10, 8)], ids=["version", "N", "n"]
)
def test_other_features_are_not_its(tmp_path: Path, version: str, n_samples: int, n_embedded: int) -> None:
    checkpoint().save(tmp_path / "kept.npz")
    assert read_checkpoint(tmp_path / "kept.npz", version, n_samples, n_embedded) is None


def spoiled(damage: str) -> bytes:
    kept, raw = checkpoint(), io.BytesIO()
    header: dict[str, Any] = json.loads(json.dumps({"version": "1", "column": "label", "revision": 3, "format": 1}))
    header |= {"parameters": {}, "epoch": 5, "run_until": 300, "paused": False, "curve": []}
    damages: dict[str, dict[str, Any]] = {
        "format": {"format": 2},
        "range": {"parameters": {"n_components": 7}},
        "type": {"epoch": "five"},
    }
    header |= damages.get(damage, {})
    text = b"[" * 100_000 if damage == "depth" else json.dumps(header).encode()
    arrays = arrays_of(kept)
    if damage == "not finite":
        arrays["gains"] = np.full_like(kept.gains, np.nan)
    if damage == "missing":
        del arrays["velocity"]
    np.savez(raw, about=np.frombuffer(text, dtype=np.uint8), **arrays)
    return raw.getvalue()[: -50 if damage == "cut" else None]


@pytest.mark.parametrize("damage", ["format", "range", "type", "depth", "not finite", "missing", "cut"])
def test_a_damaged_one_is_passed_over(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "kept.npz"
    path.write_bytes(spoiled("nothing"))
    assert read_header(path, "1") is not None, "the damage is what is passed over, then"
    path.write_bytes(spoiled(damage))
    assert read_checkpoint(path, "1", 10, 9) is None


def test_one_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.npy", b"\0" * (64 << 20))
    assert path.stat().st_size < 1 << 20
    assert read_header(path, "1") is None


@pytest.mark.parametrize("path", ["none.npz", "."])
def test_what_is_not_there_is_none(tmp_path: Path, path: str) -> None:
    assert read_header(tmp_path / path, "1") is None

"""Reads projector_config.pbtxt, the stock Projector's own contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tb_tsne_plugin.runs.checkpoints import find_checkpoint
from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import read_contained
from tb_tsne_plugin.runs.format import CONFIG_NAME, TableError, as_utf8
from tb_tsne_plugin.runs.named_paths import meant_by

MAX_CONFIG_BYTES = 1 << 18
MAX_TENSORS = 256
MAX_NAME = 1_024
_SHOWN = 200
_ODD = re.compile("[\0-\x1f\x7f\ufffd]")
# protobuf takes a time that grows with the square of how many stand together.
_MANY_BACKSLASHES = "\\" * 64


def parse_config(folder: Path) -> Any:
    """A run's config.

    Args:
      folder: The run's folder.

    Returns:
      A `ProjectorConfig` message.

    Raises:
      RunError: If it is missing, too large, not text or malformed.
    """
    raw = read_contained(folder, CONFIG_NAME, MAX_CONFIG_BYTES)
    try:
        text = as_utf8(raw, CONFIG_NAME).decode("utf-8")
    except (TableError, UnicodeDecodeError):
        raise RunError(f"{CONFIG_NAME} is not UTF-8 text.") from None
    if _MANY_BACKSLASHES in text:
        raise RunError(f"{CONFIG_NAME} cannot be read: no path has so many backslashes.")
    if "\\" not in text:
        return _parsed(text)
    try:
        config = _parsed(text)
        is_odd = any(map(_ODD.search, _paths(config)))
    except RunError:
        is_odd = True
    # A path on Windows, written without a thought of escapes: \t in it is no tab.
    return _parsed(_as_windows_means(text)) if is_odd else config


def _parsed(text: str) -> Any:
    from google.protobuf import text_format
    from tensorboard.plugins.projector import projector_config_pb2

    config = projector_config_pb2.ProjectorConfig()
    try:
        text_format.Parse(text, config)
    except (text_format.ParseError, ValueError, RecursionError) as error:
        said = str(error)
        raise RunError(f"{CONFIG_NAME} cannot be read, line {said[:_SHOWN]}{'…' * (len(said) > _SHOWN)}.") from None
    return config


def _as_windows_means(text: str) -> str:
    """The text with every single backslash doubled."""
    return re.sub(r"\\\\|\\(?![\\\"'])", r"\\\\", text)


def _paths(config: Any) -> Iterator[str]:
    for embedding in config.embeddings:
        yield from (embedding.tensor_path, embedding.metadata_path, embedding.sprite.image_path)
    yield config.model_checkpoint_path


class Listed(NamedTuple):
    """Features that a config lists.

    Attributes:
      config: An `EmbeddingInfo` message, its paths those of files in the run's folder.
      place: Which of the config's embeddings it is, from 0.
      checkpoint: Where the features are in a checkpoint of TensorFlow, its name without a suffix; else empty.
      notes: Sentences on what was guessed about the paths.
    """

    config: Any
    place: int
    checkpoint: str
    notes: list[str]


def read_config(folder: Path) -> list[Listed]:
    """The embeddings that a run's config lists.

    Args:
      folder: The run's folder.

    Returns:
      Those with a file, and those that a checkpoint of the run holds, in order.

    Raises:
      RunError: As `parse_config`, or if it lists no features, too many, or names too long for a path.
    """
    parsed = parse_config(folder)
    embeddings = {
        place: embedding
        for place, embedding in enumerate(parsed.embeddings)
        if embedding.tensor_path or embedding.tensor_name
    }
    if not embeddings:
        raise RunError(f"{CONFIG_NAME} lists no features (embeddings with a tensor_path, or a tensor_name).")
    if len(embeddings) > MAX_TENSORS:
        raise RunError(f"{CONFIG_NAME} lists {len(embeddings):,} features; at most {MAX_TENSORS} can be opened.")
    for embedding in embeddings.values():
        named = (embedding.tensor_name, embedding.tensor_path, embedding.metadata_path, embedding.sprite.image_path)
        if any(len(name) > MAX_NAME for name in (*named, embedding.bookmarks_path, parsed.model_checkpoint_path)):
            raise RunError(f"{CONFIG_NAME} has a name of more than {MAX_NAME:,} characters.")
    in_checkpoint = any(not embedding.tensor_path for embedding in embeddings.values())
    checkpoint = find_checkpoint(folder, parsed.model_checkpoint_path) if in_checkpoint else ""
    return [_listed(folder, embedding, place, checkpoint) for place, embedding in embeddings.items()]


def _listed(folder: Path, embedding: Any, place: int, checkpoint: str) -> Listed:
    found = [
        meant_by(folder, path) for path in (embedding.tensor_path, embedding.metadata_path, embedding.sprite.image_path)
    ]
    embedding.tensor_path, embedding.metadata_path = found[0].name, found[1].name
    if found[2].name:  # to set it, even to nothing, would say that there is a sprite
        embedding.sprite.image_path = found[2].name
    notes = [meant.note for meant in found if meant.note is not None]
    return Listed(embedding, place, "" if embedding.tensor_path else checkpoint, notes)


def tensor_name(embedding: Any) -> str:
    """What some features are called: by the config, else by their file."""
    return str(embedding.tensor_name or Path(embedding.tensor_path).name)

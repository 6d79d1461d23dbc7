"""Reads projector_config.pbtxt, the stock Projector's own contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import read_contained
from tb_tsne_plugin.runs.format import CONFIG_NAME

MAX_CONFIG_BYTES = 1 << 18
MAX_TENSORS = 256
MAX_NAME = 1_024
_SHOWN = 200
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
    from google.protobuf import text_format
    from tensorboard.plugins.projector import projector_config_pb2

    try:
        text = read_contained(folder, CONFIG_NAME, MAX_CONFIG_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise RunError(f"{CONFIG_NAME} is not UTF-8 text.") from None
    if _MANY_BACKSLASHES in text:
        raise RunError(f"{CONFIG_NAME} cannot be read: no path has so many backslashes.")
    config = projector_config_pb2.ProjectorConfig()
    try:
        text_format.Parse(text, config)
    except (text_format.ParseError, ValueError, RecursionError) as error:
        said = str(error)
        raise RunError(f"{CONFIG_NAME} cannot be read, line {said[:_SHOWN]}{'…' * (len(said) > _SHOWN)}.") from None
    return config


def read_config(folder: Path) -> list[Any]:
    """The embeddings that a run's config lists.

    Args:
      folder: The run's folder.

    Returns:
      `EmbeddingInfo` messages with a `tensor_path`, in order.

    Raises:
      RunError: As `parse_config`, or if it lists no features, too many, or names too long for a path.
    """
    embeddings = [embedding for embedding in parse_config(folder).embeddings if embedding.tensor_path]
    if not embeddings:
        raise RunError(f"{CONFIG_NAME} lists no features (embeddings with a tensor_path).")
    if len(embeddings) > MAX_TENSORS:
        raise RunError(f"{CONFIG_NAME} lists {len(embeddings):,} features; at most {MAX_TENSORS} can be opened.")
    for embedding in embeddings:
        named = (embedding.tensor_name, embedding.tensor_path, embedding.metadata_path, embedding.sprite.image_path)
        if any(len(name) > MAX_NAME for name in (*named, embedding.bookmarks_path)):
            raise RunError(f"{CONFIG_NAME} has a name of more than {MAX_NAME:,} characters.")
    return embeddings


def tensor_name(embedding: Any) -> str:
    """What some features are called: by the config, else by their file."""
    return str(embedding.tensor_name or Path(embedding.tensor_path).name)

"""Reads projector_config.pbtxt, the stock Projector's own contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tb_tsne_plugin.runs.errors import RunError
from tb_tsne_plugin.runs.files import open_contained
from tb_tsne_plugin.runs.format import CONFIG_NAME

MAX_CONFIG_BYTES = 1 << 20


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

    with open_contained(folder, CONFIG_NAME) as file:
        raw = file.read(MAX_CONFIG_BYTES + 1)
    if len(raw) > MAX_CONFIG_BYTES:
        raise RunError(f"{CONFIG_NAME} is larger than 1 MiB; a config of that size is no config.")
    config = projector_config_pb2.ProjectorConfig()
    try:
        text_format.Parse(raw.decode("utf-8"), config)
    except UnicodeDecodeError:
        raise RunError(f"{CONFIG_NAME} is not UTF-8 text.") from None
    except text_format.ParseError as error:
        raise RunError(f"{CONFIG_NAME} cannot be read, line {error}.") from None
    return config


def read_config(folder: Path) -> list[Any]:
    """The embeddings that a run's config lists.

    Args:
      folder: The run's folder.

    Returns:
      `EmbeddingInfo` messages with a `tensor_path`, in order.

    Raises:
      RunError: As `parse_config`, or if it lists no features.
    """
    embeddings = [embedding for embedding in parse_config(folder).embeddings if embedding.tensor_path]
    if not embeddings:
        raise RunError(f"{CONFIG_NAME} lists no features (embeddings with a tensor_path).")
    return embeddings

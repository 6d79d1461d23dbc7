"""What TensorBoard loads at its start: the Label Projector's loader, or one that shows no tab and says why.

TensorBoard imports the entry point of every plugin, and an error there ends the `tensorboard` command, whatever its
user came for. This module therefore stands outside the package, which refuses to be imported where it cannot run.
"""

from __future__ import annotations

from typing import Any

from tensorboard.plugins import base_plugin


def _refusing(reason: str) -> type[base_plugin.TBLoader]:
    """A loader that makes no plugin."""

    class Refusing(base_plugin.TBLoader):  # type: ignore[misc]
        def load(self, context: Any) -> None:
            import logging  # late: it would be most of what this plugin adds to TensorBoard's start

            logging.getLogger("tensorboard").warning("There is no Label Projector tab: %s", reason)

    return Refusing


def _loader() -> type[base_plugin.TBLoader]:
    try:
        from tb_tsne_plugin.loader import Loader
    except ImportError as error:
        return _refusing(str(error))
    return Loader


Loader = _loader()

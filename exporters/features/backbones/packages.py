"""Backbones of other packages: the entry points of the group `tb_tsne.backbones`.

An entry point's name is a scheme, and what it loads is a function from the name behind the scheme (empty where it
stands alone) to an encoder as `python_scheme` describes it.
"""

from __future__ import annotations

from importlib.metadata import entry_points

from exporters.errors import ExportError
from exporters.features.backbones.backbone import Backbone
from exporters.features.backbones.choice import NetworkChoice
from exporters.features.backbones.python_scheme import Encoder
from exporters.features.backbones.sentences import first_sentence

GROUP = "tb_tsne.backbones"


def package_names() -> set[str]:
    """The schemes that installed packages bring."""
    return {entry.name for entry in entry_points(group=GROUP)}


def open_backbone(scheme: str, name: str, choice: NetworkChoice) -> Backbone:
    """The backbone that a package's scheme gives for a name.

    Raises:
        ExportError: If the package cannot give it.
    """
    entry = next(entry for entry in entry_points(group=GROUP) if entry.name == scheme)
    try:
        encode = entry.load()(name)
    except ExportError:
        raise
    except (Exception, SystemExit) as error:  # Anybody's code.
        raise ExportError(
            f"The package behind {scheme}: gives no backbone {name!r}: {first_sentence(error)}"
        ) from error
    return Encoder(encode, scheme, name, choice)

"""What libraries say when something is wrong, as sentences of ours."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from exporters.errors import ExportError
from exporters.features.devices import quiet


def first_sentence(error: BaseException) -> str:
    """The first sentence of another library's message, in one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(". ")[0][:300].rstrip(".") + "."


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def kinds(error: BaseException) -> set[str]:
    """The names of the classes of an error and of those that led to it, and of what these derive from.

    By name, so that no library must be imported to ask for its errors.
    """
    return {kind.__name__ for each in chain(error) for kind in type(each).__mro__}


def is_unreached(error: BaseException) -> bool:
    """Whether a library found no network, lost it on the way, or was told to do without."""
    return bool(kinds(error) & _UNREACHED)


# Of Hugging Face's hub, of httpx and its successors, and of requests.
_UNREACHED = {
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
    "TransportError",
    "ConnectionError",
    "Timeout",
    "ChunkedEncodingError",
}


def need(module: str, scheme: str) -> Any:
    """A library that a scheme's extra brings, which is named as the scheme is, imported.

    Args:
        module: Its name.
        scheme: Of the backbones that need it.

    Raises:
        ExportError: If it is not installed, or does not load.
    """
    try:
        with quiet():
            return importlib.import_module(module)
    except ImportError as error:
        raise ExportError(
            f"Backbones of {scheme}: need {module} ({first_sentence(error)[:-1]}): pip install 'tb-tsne[{scheme}]'."
        ) from error

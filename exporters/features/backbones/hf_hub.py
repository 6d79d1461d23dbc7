"""What Hugging Face's hub has to say: why a model cannot be had, and under which licence it comes."""

from __future__ import annotations

import difflib
import importlib
import re
from pathlib import Path

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones import known
from exporters.features.backbones.sentences import chain, first_sentence


def cannot_be_had(
    where: str, error: BaseException, otherwise: str = "is no model that transformers reads"
) -> ExportError:
    """Why a model cannot be had, in one sentence.

    Args:
        where: Its id or folder.
        error: What transformers raised.
        otherwise: What is wrong where the hub is not to blame.
    """
    kinds = {type(each).__name__ for each in chain(error)}
    if "GatedRepoError" in kinds:
        return ExportError(
            f"hf:{where} is gated: ask for leave on https://huggingface.co/{where}, then log in by `hf auth login`."
        )
    if "RepositoryNotFoundError" in kinds:
        near = difflib.get_close_matches(where, known.HF, 3, 0.6)
        hint = f"did you mean {' or '.join(near)}?" if near else "if it is private, log in by `hf auth login`."
        return ExportUsageError(f"There is no model {where} at Hugging Face: {hint}")
    if kinds & _UNREACHED and not Path(where).is_dir():
        return ExportError(
            f"hf:{where} is not on this machine and could not be downloaded: run `hf download {where}` where there is "
            "a network, and name the folder, as hf:FOLDER."
        )
    if "trust_remote_code" in str(error):
        return ExportError(
            f"hf:{where} comes with code of its own, which is not run: compute its features in a function of yours, "
            "python:MODULE:CALLABLE."
        )
    return ExportError(f"hf:{where} {otherwise}: {first_sentence(error)}")


# What comes up where there is no network, or it is switched off by HF_HUB_OFFLINE.
_UNREACHED = {
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
    "ConnectError",
    "ConnectTimeout",
    "ReadTimeout",
    "ConnectionError",
    "ProxyError",
}


def find_licence(where: str, revision: str | None) -> str | None:
    """What the model card says of the licence, where there is a card."""
    card = Path(where, "README.md")
    if not Path(where).is_dir():
        try:
            hub = importlib.import_module("huggingface_hub")
            card = Path(hub.hf_hub_download(where, "README.md", revision=revision))
        except Exception:  # It is not worth an export.
            return None
    try:
        head = card.read_text(encoding="utf-8", errors="replace")[:20_000].split("\n---", 1)[0]
    except OSError:
        return None
    told = dict(re.findall(r"^(license|license_name): *[\"']?([^\"'\n]+?)[\"']? *$", head, flags=re.MULTILINE))
    return told.get("license_name") if told.get("license") == "other" else told.get("license")

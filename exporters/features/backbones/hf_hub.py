"""What Hugging Face's hub has to say: why a model cannot be had, and under which licence it comes."""

from __future__ import annotations

import difflib
import importlib
import re
from pathlib import Path

from exporters.errors import ExportError, ExportUsageError
from exporters.features.backbones import known
from exporters.features.backbones.sentences import chain, first_sentence, is_unreached, kinds


def cannot_be_had(
    where: str, error: BaseException, otherwise: str = "is no model that transformers reads"
) -> ExportError:
    """Why a model cannot be had, in one sentence.

    Args:
        where: Its id or folder.
        error: What transformers raised.
        otherwise: What is wrong where the hub is not to blame.
    """
    found = kinds(error)
    if "GatedRepoError" in found:
        return ExportError(
            f"hf:{where} is gated: ask for leave on https://huggingface.co/{where}, then log in by `hf auth login`."
        )
    if "RepositoryNotFoundError" in found:
        near = difflib.get_close_matches(where, known.HF, 3, 0.6)
        hint = f"did you mean {' or '.join(near)}?" if near else "if it is private, log in by `hf auth login`."
        return ExportUsageError(f"There is no model {where} at Hugging Face: {hint}")
    if is_unreached(error) and not Path(where).is_dir():
        return ExportError(
            f"hf:{where} is not on this machine and could not be downloaded: run `hf download {where}` where there is "
            "a network, and name the folder, as hf:FOLDER."
        )
    if "trust_remote_code" in str(error):
        return ExportError(
            f"hf:{where} comes with code of its own, which is not run: compute its features in a function of yours, "
            "python:MODULE:CALLABLE."
        )
    if lacking := _LACKING.search(str(error)):
        needed = (lacking[1] or lacking[2]).replace(",", " ").split()
        return ExportError(f"hf:{where} needs {' and '.join(needed)}: pip install {' '.join(needed)}.")
    if "ImportError" in found:
        *_, root = chain(error)
        return ExportError(
            f"hf:{where} does not load ({first_sentence(root)[:-1]}): install versions of torch, torchvision and "
            "transformers that go together."
        )
    return ExportError(f"hf:{where} {otherwise}: {first_sentence(error)}")


# How transformers says which libraries a model needs beside it.
_LACKING = re.compile(r"requires the (\w+) library|Missing optional dependencies: ([\w, ]+)")


def find_revision(where: str) -> str | None:
    """The commit that a model in the hub's cache is of; None for a folder's."""
    if Path(where).is_dir():
        return None
    cached = importlib.import_module("huggingface_hub").try_to_load_from_cache(where, "config.json")
    return Path(cached).parent.name if isinstance(cached, str) else None


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

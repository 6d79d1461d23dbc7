"""What mkdocs is told beyond mkdocs.yml: pages that are no files of docs/, and links that work on GitHub and here.

README.md, CHANGELOG.md and their like stand beside docs/, where GitHub and PyPI look for them, and are pages of the
site too; the Python API is a page of what the public packages export.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Files beside docs/, and the pages that they are on the site."""
PUBLIC = ("tb_tsne_plugin.labels", "tb_tsne_plugin.tsne", "tb_tsne_plugin.evaluation", "exporters")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are not files of docs/."""
    pages = {page: (ROOT / name).read_text() for name, page in OUTSIDE.items()}
    pages["reference.md"] = "\n\n".join(["# Python API", *map(_reference, PUBLIC)])
    for page, content in pages.items():
        files.append(File.generated(config, page, content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Turns links between files of the repository into links between pages."""
    return re.sub(r"(?<=\]\()(?:\.\./|docs/)?([\w./-]+)", lambda found: OUTSIDE.get(found[1], found[1]), markdown)


def _reference(package: str) -> str:
    """Every name that the package exports, in the order of its `__all__`, by the module that defines it."""
    tree = ast.parse((ROOT / package.replace(".", "/") / "__init__.py").read_text())
    homes: dict[str, str] = {}
    exported: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            homes.update((alias.name, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            exported = ast.literal_eval(node.value)
    return "\n\n".join([f"## {package}", *(f"::: {homes[name]}" for name in exported)])

"""The notices of the packages that are bundled into the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTICES = ROOT / "tb_tsne_plugin" / "static" / "licenses.md"


def bundled() -> dict[str, str]:
    """The packages that the page is made with and not only built with, and their versions."""
    locked = json.loads((ROOT / "projector_frontend" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {
        name.removeprefix("node_modules/"): package["version"]
        for name, package in locked.items()
        if name and not package.get("dev") and not package.get("optional")
    }


def test_the_page_comes_with_the_licence_of_every_package_in_it() -> None:
    notices = re.split(r"^## ", NOTICES.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = {re.sub(r" \(.*", "", notice.splitlines()[0]): notice for notice in notices}
    assert set(found) == {f"{name} - {version}" for name, version in bundled().items()}
    for name, notice in found.items():
        assert "Copyright" in notice, name
        assert len(notice) > 500, f"{name}: the name of a licence is not the licence"

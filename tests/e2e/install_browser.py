"""Makes sure there are browsers for the tests: a Chromium, the machine's, else Debian's package, else Playwright's own;
and a Firefox, the machine's or Debian's ESR, without which its story is skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import apt
from tests.e2e.firefox import find_firefox

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find_chromium() -> str | None:
    """The machine's own Chromium, or None: Playwright then uses the one it installed itself."""
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (str(MAC) if MAC.exists() else None)


def main() -> None:
    """Installs those that are missing."""
    if not find_chromium() and not apt.install("chromium", "fonts-roboto"):
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    if not find_firefox():
        apt.install("firefox-esr")


if __name__ == "__main__":
    main()

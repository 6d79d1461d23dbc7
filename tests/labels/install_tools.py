"""Makes sure there is what the label store's tests need: a PostgreSQL server and, on Linux, strace; else Debian's."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests import apt

DEBIAN = Path("/usr/lib/postgresql")
MAC = (Path("/opt/homebrew/bin"), Path("/usr/local/bin"))


def find_postgres() -> Path | None:
    """The folder with `initdb` and `postgres`, or None."""
    versions = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [*versions, *([Path(on_path).resolve().parent] if on_path else []), *MAC]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def main() -> None:
    """Installs what is missing, where the machine lets us."""
    missing = [] if find_postgres() else ["postgresql"]
    if sys.platform == "linux" and not shutil.which("strace"):
        missing.append("strace")
    if missing:
        apt.install(*missing)


if __name__ == "__main__":
    main()

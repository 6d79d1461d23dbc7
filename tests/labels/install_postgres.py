"""Makes sure there is a PostgreSQL server for the label store's tests: the machine's, else Debian's package."""

from __future__ import annotations

import shutil
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
    """Installs one where there is none and the machine lets us."""
    if not find_postgres():
        apt.install("postgresql")


if __name__ == "__main__":
    main()

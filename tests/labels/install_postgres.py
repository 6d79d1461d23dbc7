"""Makes sure there is a PostgreSQL server for the label store's tests: the machine's, else Debian's package."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

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
    if find_postgres() or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=True)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"], env=environment, check=True
    )


if __name__ == "__main__":
    main()

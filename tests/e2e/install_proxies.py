"""Makes sure that there is an nginx to put before TensorBoard: the machine's, else Debian's package."""

from __future__ import annotations

import shutil

from tests import apt
from tests.e2e.nginx import find_nginx


def main() -> None:
    """Installs what is missing, where the machine lets us."""
    wanted = [name for name, found in (("nginx", find_nginx()), ("openssl", shutil.which("openssl"))) if not found]
    if wanted:
        apt.install(*wanted)


if __name__ == "__main__":
    main()

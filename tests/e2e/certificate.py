"""A certificate that nobody signed, for servers that are asked by https."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple


class Certificate(NamedTuple):
    """Files of one.

    Attributes:
      certificate: What the server shows.
      key: What it keeps.
    """

    certificate: Path
    key: Path


def make_certificate(folder: Path, name: str) -> Certificate:
    """Makes one for a name."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    files = ["-keyout", str(made.key), "-out", str(made.certificate)]
    about = ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*command, *files, *about], check=True, capture_output=True)
    return made

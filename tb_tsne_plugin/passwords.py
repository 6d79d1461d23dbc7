"""Why a database's address may not stand on a command line: it holds a password, which there is no secret.

Everybody on a machine reads its command lines (`ps`), shells keep them, and TensorBoard serves its own to everybody who
reaches it (`data/environment`) and writes them into a file in the temporary folder. The environment of a process is its
user's alone. Standard library only: `loader.py` asks before TensorBoard starts.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

_AUTHORITY = re.compile(r"^[^:/?#]+://[^:/]*:[^@]+@")
"""A password as SQLAlchemy finds it: between the first colon and the first @, whatever else stands there."""
_SECRET_NAME = re.compile(r"pass(?!file$)|pwd|secret|token|credential|private_?key", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"(?:pass\w*|pwd)\s*=", re.IGNORECASE)
"""A password within a value, as in ODBC's connection strings. `passfile=` only names a file, but not there."""


def password_problem(address: str, option: str) -> str | None:
    """Why a database's address may not be given by an option; None where it may.

    Args:
      address: The URL, as typed.
      option: What it was given by, for the message.

    Returns:
      A sentence that names the ways that keep a password, and no part of the address.
    """
    if not _holds_password(address):
        return None
    return (
        f"Everybody on this machine can read a password in {option}, and TensorBoard shows its flags to all who reach "
        "it: leave it out, and keep it in ~/.pgpass (or the file that PGPASSFILE names) or in a PostgreSQL service "
        "(postgresql:///?service=NAME), or give the whole address in the environment variable TB_TSNE_LABELS_DB."
    )


def _holds_password(address: str) -> bool:
    if _AUTHORITY.match(address):
        return True
    _, _, query = address.partition("?")
    return any(_SECRET_NAME.search(name) or _SECRET_VALUE.search(value) for name, value in parse_qsl(query))

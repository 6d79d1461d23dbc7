"""A small request cannot take much memory: neither what it is decompressed to, nor what is made from that."""

from __future__ import annotations

import gzip
import tracemalloc
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import make_run
from tests.web.conftest import Api

pytestmark = pytest.mark.slow

MIB = 1 << 20
MOST = 128 * MIB
"""What one request may take at most, whatever is in it."""
STORE = b"5" * 32
"""Stands in bodies for the store of the run, which is known when they are sent."""
EDIT = b'{"run": "run", "store": "' + STORE + b'", "op_id": "operation-1", "base_revision": 0, '
FILES = b'{"run": "run", "tensor": "im", "format": "coco", "files": ['
FILE = FILES + b'{"name": "a.json", "content": "' + b64encode(b'{"images":[ ')
TASKS = EDIT + b'"tensor": "im", "format": "labelstudio", "files": [{"name": "a", "content": "' + b64encode(b"[  ")
IMPORT = EDIT + b'"tensor": "im", "preview": true, "table": "'


def filled(start: bytes, unit: bytes, end: bytes, size: int = 17 * MIB) -> Callable[[int], bytes]:
    """A body of at most some bytes, full of one thing."""
    return lambda most: start + unit * ((min(most, size) - len(start) - len(end)) // len(unit)) + end


BODIES = {
    "zeros": ("labels/apply", filled(b"", b"\0", b"")),
    "numbers in an unknown key": ("labels/apply", filled(EDIT + b'"x": [', b"1,", b"1]}")),
    "lists in an unknown key": ("labels/apply", filled(EDIT + b'"x": [', b"[],", b"[]]}")),
    "objects, broken at the end": ("labels/apply", filled(EDIT + b'"x": [', b'{"":1},', b"{}]")),
    "nesting": ("labels/apply", filled(EDIT + b'"x": ', b"[", b"")),
    "nested objects": ("labels/apply", filled(EDIT + b'"x": ', b'{"":', b"")),
    "keys": ("labels/apply", filled(EDIT, b'"k":1,', b'"x":1}')),
    "sample ids": ("labels/apply", filled(EDIT + b'"class_id": 1, "sample_ids": [', b'"a",', b'"a"]}')),
    "long sample ids": ("labels/apply", filled(EDIT + b'"class_id": 1, "sample_ids": [', b'"abcdefgh",', b'"a"]}')),
    "rows": ("labels/apply", filled(EDIT + b'"class_id": 1, "rows": [', b"1,", b"1]}")),
    "ranges": ("labels/apply", filled(EDIT + b'"class_id": 1, "rows": [', b"[1,2],", b"1]}")),
    "big rows": ("labels/apply", filled(EDIT + b'"class_id": 1, "rows": [', b"2147483646,", b"1]}")),
    "a long run": (
        "labels/apply",
        filled(b'{"store": "' + STORE + b'", "op_id": "operation-1", "run": "', b"r", b'"}'),
    ),
    "a long metric": (
        "session/start",
        filled(b'{"run": "run", "tensor": "im", "parameters": {"metric": "', b"\xc3\xa9", b'"}}'),
    ),
    "a long number": (
        "session/start",
        filled(b'{"run": "run", "tensor": "im", "parameters": {"random_state": ', b"9", b"}}"),
    ),
    "escapes, broken at the end": ("labels/apply", filled(EDIT + b'"x": "', b"\\n", b'\\ud800"}')),
    "backslashes, broken at the end": ("labels/apply", filled(EDIT + b'"x": "', b"\\\\", b"")),
    "a table of line breaks": ("labels/import", filled(IMPORT + b"sample_id\\tlabel", b"\\n", b'x"}')),
    "a table of short rows": ("labels/import", filled(IMPORT + b"sample_id\\tlabel", b"\\na\\tb", b'"}')),
    "a table of one column": ("labels/import", filled(IMPORT + b"label", b"\\na", b'"}')),
    "a table of commas": ("labels/import", filled(IMPORT + b"sample_id,label", b",", b'"}')),
    "a table of quotes": ("labels/import", filled(IMPORT + b"sample_id,label\\n", b'\\"', b'"}')),
    "a table of carriage returns": ("labels/import", filled(IMPORT + b"label", b"\\r", b'x"}')),
    "a table of short rows with commas": ("labels/import", filled(IMPORT + b"file,label", b"\\na,b", b'"}')),
    "a table of columns": ("labels/import", filled(IMPORT + b"sample_id", b"\\ta", b'"}')),
    "files with nothing in them": (
        "labels/annotations",
        filled(FILES, b'{"name":"a/b","content":""},', b'{"name":"a/b","content":""}]}'),
    ),
    "a file of objects": ("labels/annotations", filled(FILE, b64encode(b"{},"), b'"}]}')),
    "a file of lists": ("labels/annotations", filled(FILE, b64encode(b"[],"), b'"}]}')),
    "a file of numbers": ("labels/annotations", filled(FILE, b64encode(b"1.5,1,"), b'"}]}')),
    "a file of texts": ("labels/annotations", filled(FILE, b64encode(b'"abc",'), b'"}]}')),
    "tasks to import": ("labels/import", filled(TASKS, b64encode(b"{},"), b'"}]}')),
    "a table of one cell": ("labels/import", filled(IMPORT, "é".encode(), b'"}')),
}


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    """A run of objects, which annotations can be about."""
    make_run(tmp_path / "run", columns={name: ["0"] * 60 for name in ("object", "x", "y", "width", "height")})
    return tmp_path


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.timeout(120)
def test_no_body_takes_much_memory(api: Api, name: str) -> None:
    route, body = BODIES[name]
    headers = {"X-TSNE-Request": "1", "Content-Type": "application/json", "Content-Encoding": "gzip"}
    store = api.store().encode()
    for most in (4 * MIB, 16 * MIB, 17 * MIB):
        sent = gzip.compress(body(most).replace(STORE, store, 1))
        assert len(sent) < MIB
        tracemalloc.start()
        try:
            answer = api.client.post(f"/{route}", data=sent, headers=headers)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert answer.status_code in (200, 400, 409, 413, 422), answer.text[:200]
        assert len(answer.data) < 1_000_000
        assert peak < MOST, f"{peak / MIB:.0f} MiB at {most / MIB:.0f} MiB"

"""This machine's own names, where a name server answers late or not at all."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tb_tsne_plugin.web import own_names
from tests.web.conftest import Api


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    own_names._full_name.cache_clear()
    yield
    own_names._full_name.cache_clear()


def test_a_name_server_that_does_not_answer_keeps_nobody_waiting(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()

    def silent() -> str:
        answers.wait(30)
        return "gpu01.lab.example"

    monkeypatch.setattr(socket, "getfqdn", silent)
    began = time.monotonic()
    assert api.get("runs").status_code == 200
    assert time.monotonic() - began < own_names.PATIENCE_SECONDS  # it is not asked for what is known anyway
    for _ in range(5):
        assert api.client.get("/runs", headers={"Host": "gpu01.lab.example"}).status_code == 403
    assert time.monotonic() - began < 5 * own_names.PATIENCE_SECONDS
    answers.set()
    own_names._full_name()._asking.join()
    assert api.client.get("/runs", headers={"Host": "gpu01.lab.example"}).status_code == 200


def test_the_full_name_is_ours(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda: "GPU01.lab.example")
    monkeypatch.setattr(socket, "gethostname", lambda: "Gpu01")
    for name in ("gpu01", "GPU01:6006", "gpu01.lab.example"):
        assert api.client.get("/runs", headers={"Host": name}).status_code == 200
    assert api.client.get("/runs", headers={"Host": "gpu02.lab.example"}).status_code == 403

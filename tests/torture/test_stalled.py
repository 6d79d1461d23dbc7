"""Clients that stall hold nobody up, and are gone after a while."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.builders import blobs, make_run
from tests.torture.soak import measured
from tests.torture.stalled import drip, keep_page_open, stall, wait_until
from tests.torture.zygote import ForkedTensorBoard, Zygote

pytestmark = [pytest.mark.slow, pytest.mark.tensorboard]


@pytest.mark.timeout(300)
def test_two_hundred_stalled_clients_hold_nobody_up_and_are_dropped(tmp_path: Path) -> None:
    make_run(tmp_path / "run", blobs(30_000, 2)[0], sprite=False)
    zygote = Zygote()
    server = ForkedTensorBoard(tmp_path, zygote).start()
    stop = threading.Event()
    try:
        server.get("labels", run="run", tensor="im")
        pages = [keep_page_open(server, stop) for _ in range(12)]
        base = measured(server.process_id)["threads"]
        stalled = [stall(server.port, kind) for kind in range(200)]
        assert wait_until(lambda: measured(server.process_id)["threads"] > base + 100, 30) is not None
        for _ in range(20):
            assert server.get("runs").status_code == 200
        # Pages come and go, a thread for each of their requests: twice as many at most.
        assert wait_until(lambda: measured(server.process_id)["threads"] <= base + 24, 60) is not None
        stop.set()
        for page in pages:
            page.join(30)
        for connection in stalled:
            connection.close()
    finally:
        stop.set()
        server.stop()
        zygote.close()


@pytest.mark.timeout(300)
def test_who_sends_a_byte_a_second_holds_a_thread_for_a_limited_time(tmp_path: Path) -> None:
    make_run(tmp_path / "run", blobs(30_000, 2)[0], sprite=False)
    zygote = Zygote({"HEAD_SECONDS": 5.0, "BODY_SECONDS": 15.0})
    server = ForkedTensorBoard(tmp_path, zygote).start()
    try:
        server.get("labels", run="run", tensor="im")
        base = measured(server.process_id)["threads"]
        with ThreadPoolExecutor(45) as clients:
            dripping = [clients.submit(drip, server.port, kind, 100) for kind in range(45)]
            assert wait_until(lambda: measured(server.process_id)["threads"] >= base + 25, 30) is not None
            assert server.get("runs").status_code == 200
            borne = [each.result() for each in dripping]
        assert max(borne[0::3]) < 14, "the head of a request"
        assert 14 < max(borne[1::3]) < 30, "its body"
        assert max(borne[2::3]) < 30, "a body that was refused"
        assert wait_until(lambda: measured(server.process_id)["threads"] <= base + 2, 10) is not None
        assert server.get("runs").status_code == 200
    finally:
        server.stop()
        zygote.close()

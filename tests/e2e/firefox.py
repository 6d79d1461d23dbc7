"""A stock Firefox, driven by what is built into it: Marionette, Mozilla's own protocol, of JSON over a socket.

Playwright drives a Firefox of its own only; this is the one that people have, and needs nothing beside it.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.missing import missing

NAMES = ("firefox-esr", "firefox")
PORT_FILE = "MarionetteActivePort"
PREFERENCES = {
    "marionette.port": 0,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
"""It asks nobody outside, and takes any free port."""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name that the WebDriver standard gives to references to elements."""
OURS = "return [...document.querySelectorAll('iframe')].find((frame) => frame.src.includes('name=tsne')) ?? null"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Control": "\ue009", "Shift": "\ue008"}


def find_firefox() -> str | None:
    """The machine's Firefox, or None."""
    return os.environ.get("FIREFOX") or next((path for name in NAMES if (path := shutil.which(name))), None)


class Firefox:
    """A Firefox without a window, from when it is made until `stop`."""

    def __init__(self, folder: Path, *, size: tuple[int, int] = (1440, 860)) -> None:
        """Starts it, with a profile in a folder of its own."""
        program = find_firefox()
        if program is None:
            missing("there is no Firefox")
        folder.mkdir()
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
        self._process = subprocess.Popen(
            [program, "--headless", "--marionette", "--no-remote", "--profile", str(folder)],
            env={**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._numbers = itertools.count(1)
        self._stream = socket.create_connection(("127.0.0.1", self._port(folder)), timeout=120).makefile("rwb")
        self._read()
        self.send("WebDriver:NewSession", capabilities={"alwaysMatch": {}})
        self.send("WebDriver:SetWindowRect", width=size[0], height=size[1])

    def _port(self, folder: Path) -> int:
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            if (folder / PORT_FILE).exists() and (text := (folder / PORT_FILE).read_text()):
                return int(text)
            time.sleep(0.1)
        raise AssertionError("Firefox did not start")

    def send(self, command: str, **parameters: Any) -> Any:
        """Sends a command and waits for its answer."""
        message = json.dumps([0, next(self._numbers), command, parameters]).encode()
        self._stream.write(b"%d:%b" % (len(message), message))
        self._stream.flush()
        _, _, error, result = self._read()
        assert error is None, error
        return result

    def _read(self) -> Any:
        digits = b""
        while (sign := self._stream.read(1)) != b":":
            assert sign, "Firefox has ended"
            digits += sign
        return json.loads(self._stream.read(int(digits)))

    def open(self, address: str) -> None:
        """Opens TensorBoard's page, and goes into our frame of it."""
        self.send("WebDriver:Navigate", url=address)
        self.enter()

    def reload(self) -> None:
        """Reloads the page, as F5 would."""
        self.send("WebDriver:Refresh")
        self.enter()

    def enter(self) -> None:
        """From now on scripts are about our page in TensorBoard's."""
        self.send("WebDriver:SwitchToFrame", id=None)
        frame = self._wait(OURS)
        self.send("WebDriver:SwitchToFrame", element=frame[ELEMENT])

    def evaluate(self, script: str) -> Any:
        """What a function's body returns."""
        return self.send("WebDriver:ExecuteScript", script=script, args=[], sandbox=None)["value"]

    def wait_for(self, expression: str) -> None:
        """Waits until an expression over `t`, our test handle, and `find`, by test id, holds."""
        find = "(name) => document.querySelector(`[data-testid='${name}']`)"
        self._wait(f"const t = window.__tsne, find = {find}; return t && ({expression}) ? true : null")

    def _wait(self, script: str) -> Any:
        until = time.monotonic() + 120
        while (found := self.evaluate(script)) is None:
            assert time.monotonic() < until, f"{script}\n{self.evaluate('return document.body.innerText')}"
            time.sleep(0.1)
        return found

    def press(self, keys: str) -> None:
        """Presses keys at once, as `g` or `Control+z`, wherever the focus is."""
        signs = [KEYS.get(key, key) for key in keys.split("+")]
        actions = [{"type": "keyDown", "value": sign} for sign in signs]
        actions += [{"type": "keyUp", "value": sign} for sign in reversed(signs)]
        self.send("WebDriver:PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def screenshot(self, path: Path) -> None:
        """Writes what the window shows as a PNG."""
        self.send("WebDriver:SwitchToFrame", id=None)
        shown = self.send("WebDriver:TakeScreenshot", full=False)["value"]
        path.write_bytes(base64.b64decode(shown))
        self.enter()

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(timeout=30)

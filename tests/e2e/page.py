"""The Label Projector in a real browser, with words for what a person does there."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, FloatRect, Frame, Locator, Page

FLAGS = [
    "--no-sandbox",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
"""Headless Chromium draws WebGL2 in software with these, and asks nobody outside.

Without a graphics card it puts the page together without WebGL, as it does on people's machines; told to use software
GL for that too (`--use-angle=swiftshader`), it would spend a core on it.
"""

STARTS_MS = 150_000
"""A first t-SNE may take so long where the browser's software drawing takes a core of two."""


class LabelProjector:
    """One browser tab with the Label Projector open."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        dark: bool = False,
        size: tuple[int, int] = (1440, 860),
        touch: bool = False,
        beside: LabelProjector | None = None,
    ) -> None:
        """Opens an empty tab, of a browser profile of its own or `beside` one that is open."""
        self._is_beside = beside is not None
        options: Any = {"viewport": {"width": size[0], "height": size[1]}, "accept_downloads": True, "has_touch": touch}
        context = beside.page.context if beside else browser.new_context(**options)
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._url = f"{address}/{'?darkMode=true' if dark else ''}#tsne"

    def visit(self, token: str = "") -> None:
        """Opens the tab, with somebody's token in its address or without, and waits for nothing."""
        self.page.goto(f"{self._url}&token={token}" if token else self._url)

    def open(self, *, running: bool = True) -> LabelProjector:
        """Opens the tab and waits for the page, and unless told otherwise for a picture of a running t-SNE."""
        self.visit()
        self.wait_for_page(running)
        return self

    def reload(self) -> None:
        """Reloads the tab, as F5 would, and waits for the picture."""
        self.page.reload()
        self.wait_for_page(running=True)

    def wait_for_page(self, running: bool = True) -> None:
        """Waits for the page, and unless told otherwise for a picture of a running t-SNE."""
        wanted = "epoch() > 0" if running else "epoch() >= 0"
        self.page.wait_for_function(
            f"() => [...document.querySelectorAll('iframe')].some(f => f.contentWindow.__tsne?.{wanted})",
            timeout=STARTS_MS,
        )

    @property
    def frame(self) -> Frame:
        """TensorBoard's frame around our page."""
        return next(frame for frame in self.page.frames if frame.url.endswith("name=tsne"))

    def place(self) -> FloatRect:
        """Where our page stands in TensorBoard's."""
        box = self.frame.frame_element().bounding_box()
        assert box is not None, "our page is not shown"
        return box

    def find(self, name: str) -> Locator:
        """The element with a `data-testid`."""
        return self.frame.locator(f'[data-testid="{name}"]')

    def toast(self, text: str) -> Locator:
        """The message with this text: others may stand beside it."""
        return self.find("toast").filter(has_text=text)

    def press(self, keys: str) -> None:
        """Presses keys, wherever the focus is."""
        self.page.keyboard.press(keys)

    def ask(self, expression: str) -> Any:
        """Evaluates something about `window.__tsne`."""
        return self.frame.evaluate(f"window.__tsne.{expression}")

    def wait_for(self, expression: str, timeout: float = 10_000) -> None:
        """Waits until a JavaScript expression over `t` (our handle) holds."""
        self.frame.wait_for_function(f"() => {{ const t = window.__tsne; return {expression}; }}", timeout=timeout)

    def labels(self) -> list[int]:
        """The labels as the page has them."""
        return list(self.frame.evaluate("Array.from(window.__tsne.labels())"))

    def selected(self) -> list[int]:
        """The selected rows, without the dropped ones."""
        return list(self.ask("selection().rows"))

    def positions(self) -> NDArray[np.float32]:
        """(N, d) positions as drawn."""
        columns = np.array(self.frame.evaluate("Array.from(window.__tsne.positions())"), dtype=np.float32)
        return np.asarray(columns.reshape(-1, len(self.labels())).T)

    def epochs_per_second(self, seconds: float = 3.0) -> float:
        """Epochs a second over some seconds, from the frames that arrive."""
        first, began = int(self.ask("epoch()")), time.monotonic()
        self.page.wait_for_timeout(1000 * seconds)
        return (int(self.ask("epoch()")) - first) / (time.monotonic() - began)

    def close(self) -> None:
        """Closes the tab, and says what went wrong in it."""
        if not self._is_beside:
            self.page.context.close()
        self.page.close()
        assert not self.errors, self.errors

"""Takes the pictures of places.md: `python docs/screenshots_of_people.py`, on the digits of demo_logs (CC BY 4.0)."""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.install_browser import find_chromium  # noqa: E402
from tests.e2e.page import FLAGS, LabelProjector  # noqa: E402
from tests.e2e.tensorboard_server import TensorBoard  # noqa: E402
from tests.e2e.tokens_lab import Lab  # noqa: E402
from tests.e2e.visits import NAME  # noqa: E402

IMAGES = ROOT / "docs" / "images"
WINDOW, NOTE = (1280, 800), (1280, 520)
NAMES = ("zero", "one", "two", "three", "four", "five")
LABELED = 300
ABOUT = {"run": "digits", "tensor": "pix"}


def picture(projector: LabelProjector, name: str) -> None:
    """Keeps what the page looks like once it is at rest, in 256 colors."""
    projector.page.mouse.move(0, 0)
    projector.page.wait_for_timeout(2_500)
    with Image.open(BytesIO(projector.page.screenshot())) as taken:
        taken.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def label(lab: Lab, name: str, given: dict[str, list[str]]) -> None:
    """Has somebody give samples classes."""
    for number, (class_name, samples) in enumerate(given.items()):
        now = lab.server.get("labels", **ABOUT).json()
        known = {each["name"]: each["id"] for each in now["classes"]}
        meant: dict[str, Any] = (
            {"class_id": known[class_name]} if class_name in known else {"new_class": {"name": class_name}}
        )
        tag = {"store": now["store"], "base_revision": now["revision"], "op_id": f"given-by-{name}-{number}"}
        lab.post(name, "labels/apply", run="digits", **tag, **meant, sample_ids=samples, only_unlabeled=False)


def take_people(browser: Browser, folder: Path) -> None:
    """Coming in with a token, who else is here, and what they disagree about."""
    lab = Lab(folder)
    shutil.copytree(ROOT / "demo_logs" / "digits", folder / "logs" / "digits")
    lab.server.start()
    lab.server.store("digits")
    lab.server.first_frame(**ABOUT)
    ann = LabelProjector(browser, lab.server.address, size=NOTE)
    ann.visit()
    picture(ann, "sign_in")
    ann.page.set_viewport_size({"width": WINDOW[0], "height": WINDOW[1]})
    samples = lab.server.get("samples", **ABOUT).json()
    truth = next(column["values"] for column in samples["columns"] if column["name"] == "true_label")
    known: dict[str, list[str]] = {name: [] for name in NAMES}
    for sample, digit in list(zip(samples["sample_ids"], truth, strict=True))[:LABELED]:
        if int(digit) < len(NAMES):
            known[NAMES[int(digit)]].append(sample)
    label(lab, "ann", known)
    label(lab, "ben", {"three": known["five"][:4], "four": known["one"][:3]})
    ben = LabelProjector(browser, lab.server.address, size=WINDOW)
    for projector, name in ((ann, "ann"), (ben, "ben")):
        projector.visit(lab.tokens[name])
        projector.wait_for_page()
    expect(ann.find("session-status")).to_contain_text("Settled", timeout=300_000)
    expect(ben.find("candidate").first).to_be_visible(timeout=60_000)
    ben.find("candidate").first.click()
    ann.wait_for("t.held().length > 0", 30_000)
    ben_of_crew = ann.find("crew").locator("li")
    ben_of_crew.dispatch_event(
        "pointerdown", {"pointerType": "touch", "bubbles": True}
    )  # a mouse's tip is in no picture
    picture(ann, "people")
    ben_of_crew.dispatch_event("pointerdown", {"pointerType": "mouse", "bubbles": True})
    ann.press("j")
    expect(ann.find("disagreement").first).to_be_visible()
    picture(ann, "disagreements")
    for projector in (ann, ben):
        projector.close()
    lab.server.stop()


def take_refusal(playwright: Playwright, folder: Path) -> None:
    """A name that TensorBoard was not told of."""
    flags = [*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
    server = TensorBoard(folder, "--bind_all").start()
    projector = LabelProjector(browser, f"http://{NAME}:{server.port}", size=NOTE)
    projector.visit()
    picture(projector, "refused_name")
    projector.close()
    browser.close()
    server.stop()


def main() -> None:
    """Takes sign_in, people, disagreements and refused_name, all .png."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        take_people(browser, Path(folder))
        browser.close()
        take_refusal(playwright, Path(folder) / "logs")


if __name__ == "__main__":
    main()

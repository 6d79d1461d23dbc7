"""Objects are seen where they are in their pictures, in a real browser: in the card, and as large as the page."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.e2e.looks.accessible import violations
from tests.e2e.looks.contrast import faint
from tests.e2e.looks.findings import out_of_place
from tests.e2e.looks.focus import lost
from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN, N, Run, make_small_run, name_of_run
from tests.e2e.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

IN_ONE = 12
SIZE, KEPT = (800, 600), (400, 300)
GROUND, THING = (60, 90, 140), (235, 225, 90)


def box_of(row: int) -> tuple[int, int, int, int]:
    """x, y, width and height: four in a line, three lines in a picture."""
    line, place = divmod(row % IN_ONE, 4)
    return 40 + 190 * place, 40 + 190 * line, 120, 100


@pytest.fixture
def run(shared: TensorBoard, request: pytest.FixtureRequest) -> Run:
    """Twelve objects a picture, and the pictures kept at half their size."""
    columns = {"object": [str(row % IN_ONE) for row in range(N)]}
    sides = zip(*map(box_of, range(N)), strict=True)
    columns |= {name: list(map(str, side)) for name, side in zip(("x", "y", "width", "height"), sides, strict=True)}
    columns |= {"picture_width": [str(SIZE[0])] * N, "picture_height": [str(SIZE[1])] * N}
    made = make_small_run(shared, name_of_run(request.node.name), columns)
    folder = shared.logdir / made.name
    table = (folder / "metadata.tsv").read_text()
    for row in range(N):
        table = table.replace(f"class/{row}.png\t", f"field {row // IN_ONE}.png\t")
    (folder / "metadata.tsv").write_text(table)
    with zipfile.ZipFile(folder / "pictures.zip", "w") as archive:
        for picture in range(N // IN_ONE):
            drawn = Image.new("RGB", KEPT, GROUND)
            for row in range(picture * IN_ONE, (picture + 1) * IN_ONE):
                x, y, width, height = (side / 2 for side in box_of(row))
                ImageDraw.Draw(drawn).ellipse((x + 4, y + 4, x + width - 4, y + height - 4), THING)
            file = io.BytesIO()
            drawn.save(file, "PNG")
            archive.writestr(f"field {picture}.png.png", file.getvalue())
    return made


def select(projector: LabelProjector, row: int) -> None:
    """Selects one image by what it is called."""
    projector.press("/")
    projector.page.keyboard.type(f"s{row:04d}")
    expect(projector.find("selection-count")).to_contain_text("1 image")
    projector.press("Escape")


def colors(projector: LabelProjector, x: float, y: float) -> list[tuple[int, ...]]:
    """The colors that the open picture has round a point of it, in its own pixels: a line is where one of them is."""
    script = """([x, y]) => {
      const canvas = document.querySelector('[data-testid="whole-picture"]');
      const [left, top] = canvas.dataset.at.split(' ').map(Number);
      const ratio = canvas.width / canvas.clientWidth;
      const [px, py] = [left + canvas.dataset.scale * x, top + canvas.dataset.scale * y];
      return [...canvas.getContext('2d').getImageData(Math.round(px * ratio) - 3, Math.round(py * ratio), 7, 1).data];
    }"""
    values = projector.frame.evaluate(script, [x, y])
    return [tuple(values[at : at + 3]) for at in range(0, len(values), 4)]


def has(found: list[tuple[int, ...]], color: tuple[int, ...]) -> bool:
    return any(max(abs(a - b) for a, b in zip(each, color, strict=True)) < 40 for each in found)


def test_an_object_is_seen_in_its_picture_by_keyboard_alone(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    select(projector, 17)
    projector.press("o")
    picture = projector.find("whole-picture")
    expect(picture).to_have_attribute("data-loaded", "true")
    expect(picture).to_have_attribute("data-boxes", str(IN_ONE))
    expect(projector.find("place-dialog").get_by_role("heading")).to_have_text("field 1.png")
    expect(projector.find("place-current")).to_contain_text("6 of 12 objects")
    x, y, width, height = box_of(17)
    assert has(colors(projector, x + width / 2, y + height / 2), THING)
    assert has(colors(projector, 20, 20), GROUND)
    assert has(colors(projector, x, y + height / 2), (255, 255, 255))  # its own box, without a label

    whole = picture.get_attribute("data-scale")
    for _ in range(6):
        projector.press("+")
    expect(picture).not_to_have_attribute("data-scale", str(whole))
    before = picture.get_attribute("data-at")
    projector.press("ArrowDown")
    expect(picture).not_to_have_attribute("data-at", str(before))
    for _ in range(5):
        projector.press("]")
    expect(projector.find("place-current")).to_contain_text("11 of 12 objects")
    x, y, width, height = box_of(22)
    assert has(colors(projector, x + width / 2, y + height / 2), THING)  # in sight
    projector.press("f")
    expect(picture).to_have_attribute("data-scale", str(whole))

    projector.press("1")
    expect(projector.find("place-current")).to_contain_text("ant")
    projector.press("Control+z")
    expect(projector.toast("Undone")).to_be_visible()  # above the picture
    expect(projector.find("place-current")).to_contain_text("no label")
    projector.press("1")
    projector.press("0")
    expect(projector.find("place-current")).to_contain_text("no label")
    projector.press("9")
    expect(projector.toast("There is no class 9 yet")).to_be_visible()

    projector.press("e")
    expect(projector.find("place-dialog")).to_have_count(0)
    assert projector.selected() == list(range(12, 24))
    projector.press("2")
    expect(projector.find("count-bee")).to_have_text("12")
    expect(projector.find("saved-state")).to_have_attribute("data-state", "saved")
    assert [row for row, label in enumerate(run.labels()) if label >= 0] == list(range(12, 24))
    projector.press("o")
    expect(projector.find("place-dialog")).to_contain_text("bee 12")
    projector.press("Escape")
    expect(projector.find("place-dialog")).to_have_count(0)
    assert projector.selected() == list(range(12, 24))  # Escape closed the picture only


def test_the_pointer_does_the_same_and_labels_are_live(open_page: OPEN, run: Run) -> None:
    projector, other = open_page(), open_page()
    select(projector, 30)
    projector.find("open-place").click()
    picture = projector.find("whole-picture")
    expect(picture).to_have_attribute("data-loaded", "true")
    x, y, width, height = box_of(33)
    place = picture.bounding_box()
    assert place is not None
    scale = float(picture.get_attribute("data-scale") or 0)
    left, top = map(float, (picture.get_attribute("data-at") or "").split())

    def at(px: float, py: float) -> tuple[float, float]:
        return place["x"] + left + scale * px, place["y"] + top + scale * py

    projector.page.mouse.click(*at(x + width / 2, y + height / 2))
    expect(projector.find("place-current")).to_contain_text("10 of 12 objects")

    select(other, 26)
    other.press("1")
    expect(projector.find("place-dialog")).to_contain_text("ant 1")
    color = next(each["color"] for each in run.get("labels")["classes"] if each["name"] == "ant")
    x, y, width, height = box_of(26)
    wanted = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
    assert has(colors(projector, x, y + height / 2), wanted)

    projector.page.mouse.move(*at(400, 300))
    projector.page.mouse.wheel(0, -600)
    expect(picture).not_to_have_attribute("data-scale", f"{scale:.4f}")
    before = picture.get_attribute("data-at")
    projector.page.mouse.down()
    projector.page.mouse.move(at(400, 300)[0] + 80, at(400, 300)[1] + 40, steps=4)
    projector.page.mouse.up()
    expect(picture).not_to_have_attribute("data-at", str(before))
    expect(projector.find("place-current")).to_contain_text("10 of 12 objects")  # a drag picks nothing
    projector.find("place-fit").click()
    expect(picture).to_have_attribute("data-scale", f"{scale:.4f}")
    projector.find("select-picture").click()
    assert projector.selected() == list(range(24, 36))


def test_hovering_shows_where_an_object_lies(open_page: OPEN) -> None:
    projector = open_page()
    ours, point = projector.place(), projector.ask("screenPosition(0)")
    projector.page.mouse.move(ours["x"] + point["x"], ours["y"] + point["y"])
    card = projector.find("hover-card")
    expect(card.get_by_test_id("whole-picture")).to_have_attribute("data-loaded", "true")
    expect(card.get_by_test_id("whole-picture")).to_have_attribute("data-boxes", str(IN_ONE))
    assert [each.inner_text() for each in card.locator("dt").all()] == ["sample_id", "file"]
    projector.press("o")
    expect(projector.find("place-dialog")).to_be_visible()


def test_runs_without_whole_pictures_say_so(open_page: OPEN, run: Run, shared: TensorBoard) -> None:
    (shared.logdir / run.name / "pictures.zip").unlink()
    projector = open_page()
    select(projector, 3)
    projector.press("o")
    expect(projector.toast("holds no whole pictures")).to_be_visible()
    expect(projector.find("place-dialog")).to_have_count(0)
    projector.press("e")
    assert projector.selected() == list(range(12))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 720), (1440, 860)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_picture_can_be_read_and_found_by_keyboard(open_page: OPEN, size: tuple[int, int], dark: bool) -> None:
    projector = open_page(dark=dark, size=size)
    select(projector, 17)
    projector.press("1")
    projector.press("o")
    expect(projector.find("whole-picture")).to_have_attribute("data-loaded", "true")
    wanted = ("place-in", "place-out", "place-fit", "select-picture", "close-dialog", "whole-picture")
    found = [*out_of_place(projector, wanted), *faint(projector), *violations(projector), *lost(projector)]
    assert not found, "\n".join(map(str, found))

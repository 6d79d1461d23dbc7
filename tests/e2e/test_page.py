"""The page as a whole: classes, parameters, graphics, dark mode, what it asks the network for."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Route, expect

from tests.e2e.page import LabelProjector
from tests.e2e.small_run import OPEN, N, Run

pytestmark = pytest.mark.browser


def test_classes_are_hidden_isolated_moved_merged_and_deleted(open_page: OPEN) -> None:
    projector = open_page()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    count = len(projector.selected())
    projector.press("1")
    projector.press("Escape")
    projector.find("swatch-ant").click()
    expect(projector.find("hidden-remark")).to_contain_text(f"{count} hidden")
    projector.find("show-all").click()
    projector.find("swatch-ant").dblclick()
    expect(projector.find("hidden-remark")).to_contain_text(f"{N - count} hidden")
    projector.find("show-all").click()
    projector.find("menu-ant").click()
    projector.find("move-down").click()
    expect(projector.find("class-list").locator("li").first).to_contain_text("bee")
    projector.find("menu-ant").click()
    projector.find("merge-class").select_option(label="bee")
    expect(projector.find("count-bee")).to_have_text(str(count))
    expect(projector.find("class-ant")).to_have_count(0)
    projector.find("menu-bee").click()
    projector.find("delete-class").click()
    expect(projector.find("labeled-count").locator("b")).to_have_text("0")
    projector.press("Control+z")
    expect(projector.find("labeled-count").locator("b")).to_have_text(str(count))


def test_parameters_change_while_it_runs_and_say_what_they_do(open_page: OPEN, run: Run) -> None:
    projector = open_page()
    projector.find("supervision-strong").click()
    expect(projector.find("label_importance")).to_have_attribute("aria-valuetext", "0.1")
    projector.find("more-parameters").click()
    for name in ("speed_limit", "theta", "labeling_start", "ramp_epochs", "early_exaggeration", "learning_rate"):
        slider = projector.find(name)
        expect(slider).to_be_visible()
        assert len(slider.locator("xpath=ancestor::label").get_attribute("title") or "") > 30
        slider.focus()
        projector.press("ArrowLeft")
    expect(projector.find("theta")).to_have_attribute("aria-valuetext", "0.6")
    parameters = run.get("session/state")["parameters"]
    assert parameters["theta"] == 0.6
    assert parameters["speed_limit"] == 500
    assert parameters["label_importance"] == 0.1


LOSE = """() => {
    const canvas = document.querySelector('[data-testid=view]');
    window.lost = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
    window.lost.loseContext();
}"""


def test_the_picture_comes_back_after_a_lost_context(open_page: OPEN) -> None:
    projector = open_page(renderer="graphics")
    projector.frame.evaluate(LOSE)
    expect(projector.find("notice")).to_contain_text("Graphics interrupted")
    drawn = projector.ask("framesDrawn()")
    projector.frame.evaluate("() => window.lost.restoreContext()")
    expect(projector.find("notice")).to_have_count(0)
    projector.wait_for(f"t.framesDrawn() > {drawn}")


def test_without_webgl2_the_page_says_so_and_still_draws(open_page: OPEN) -> None:
    projector = open_page(
        script="""const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
            return kind === 'webgl2' ? null : get.call(this, kind, ...more);
        };"""
    )
    expect(projector.find("no-webgl")).to_contain_text("WebGL2 is missing")
    assert projector.ask("framesDrawn()") > 0


def test_it_follows_tensorboards_dark_mode_at_once(open_page: OPEN) -> None:
    projector = open_page()
    background = "() => getComputedStyle(document.querySelector('[role=main]')).backgroundColor"
    light = projector.frame.evaluate(background)
    projector.page.evaluate("document.body.classList.add('dark-mode')")
    projector.frame.wait_for_function("() => document.documentElement.classList.contains('dark')")
    assert projector.frame.evaluate(background) != light


def test_it_works_without_eval_and_asks_no_other_host(browser: Browser, run: Run) -> None:
    projector = LabelProjector(browser, run.server.address)
    policies: list[str] = []
    requests: list[str] = []
    refused: list[str] = []

    def without_eval(route: Route) -> None:
        answer = route.fetch()
        policy = answer.headers.get("content-security-policy", "").replace("'unsafe-eval'", "")
        policies.append(policy)
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused.append(f"{message.text} {message.location}")

    projector.page.route("**/plugin_entry.html*", without_eval)
    projector.page.on("request", lambda request: requests.append(request.url))
    projector.page.on("console", listen)
    projector.open()
    projector.press("g")
    expect(projector.find("thumb").first).to_be_visible()
    assert "script-src" in policies[0]
    assert "unsafe-eval" not in policies[0]
    assert [each for each in refused if "tsne" in each] == []
    ours = [url for url in requests if "/plugin/tsne/" in url]
    assert len(ours) > 5
    assert {urlsplit(url).netloc for url in requests if url.startswith("http")} <= {
        urlsplit(run.server.address).netloc,
        "fonts.googleapis.com",  # TensorBoard's own page
    }
    projector.close()

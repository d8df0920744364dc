"""A server that lies to the web client: what the page shows of each lie, in Chromium, with its code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.adversary.lies import LIES, Lie, Shown
from tests.adversary.scene import WORDS, Scene
from tests.adversary.stage import Stage
from tests.client.people import PASSWORD
from tests.e2e.conftest import DESKTOP
from tests.e2e.first_hour import SLOW
from tests.server import Server
from wire.base import b64

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    server = Server(tmp_path_factory.mktemp("server"))
    stage = Stage(server)
    yield stage
    stage.close()
    server.stop()


@pytest.fixture
def window(browser: Browser, stage: Stage) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    context = browser.new_context(viewport=DESKTOP, base_url=stage.proxy.address)  # type: ignore[arg-type]
    context.set_default_timeout(SLOW)
    yield context
    context.close()


def enter(window: BrowserContext, scene: Scene) -> Page:
    """Maya's own way in, with her password."""
    page = window.new_page()
    page.goto("/")
    page.get_by_label("E-mail").fill(scene.maya.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def is_in(page: Page) -> None:
    expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)


def open_conversation(page: Page, scene: Scene) -> None:
    """The page of the thread, by the app's own links: a loaded page has its keys closed."""
    page.evaluate(f"history.pushState({{}}, '', '/threads/{b64(scene.thread)}')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")


def messages(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def look(page: Page, scene: Scene) -> None:
    open_conversation(page, scene)
    expect(messages(page).get_by_text(WORDS[-1])).to_be_visible(timeout=SLOW)


def look_again(page: Page) -> None:
    page.reload()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()


def expect_caught(page: Page, lie: Lie) -> None:
    if lie.shown == Shown.SHUT:
        expect(page.get_by_text(f"({lie.code})")).to_be_visible(timeout=SLOW)
        expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
        return
    code = page.get_by_text(lie.code, exact=True).first
    expect(code).to_be_visible(timeout=SLOW)
    stopped = page.get_by_text("This conversation is stopped")
    expect(stopped).to_have_count(1 if lie.shown == Shown.STOPPED else 0)
    if lie.shown == Shown.STOPPED:
        expect(page.get_by_label("Write a message")).to_have_count(0)
    elif lie.shown == Shown.GAP:
        expect(messages(page).get_by_text("A message is missing here.")).to_be_visible()
    else:
        expect(messages(page).get_by_text("could not be verified and is not shown").first).to_be_visible()


@pytest.mark.parametrize("lie", LIES, ids=lambda one: one.name)
def test_the_page_says_what_the_lie_was(stage: Stage, window: BrowserContext, lie: Lie, pictures: Path | None) -> None:
    scene = stage.scene_for(lie)
    if lie.after_a_look:
        page = enter(window, scene)
        is_in(page)
        look(page, scene)
    stage.tell(lie, scene)
    if lie.is_pushed:
        stage.elena_writes(scene)
    elif lie.after_a_look:
        look_again(page)
    else:
        page = enter(window, scene)
        if lie.shown != Shown.SHUT:
            is_in(page)
            open_conversation(page, scene)
    expect_caught(page, lie)
    if pictures is not None:
        page.screenshot(path=pictures / f"lie-{lie.name}.png", animations="disabled")

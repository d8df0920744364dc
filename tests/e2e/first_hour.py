"""What the four people do in their windows, in the words that stand on the screen."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Windows

NAMES = {
    "therapist": "Dr. Elena Marsh",
    "psychiatrist": "Dr. Samuel Okafor",
    "coordinator": "Tom Becker",
    "outsider": "Dr. Chidi Eze",
    "patient": "Maya Lindqvist",
}
SLOW = 30_000
"""The most that a thing on screen may take on two cores that run four browsers and a server."""


@dataclass
class Hour:
    """The windows of the first hour, and where pictures of it go."""

    windows: Windows
    pictures: Path | None
    pages: dict[str, Page] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    """Enrolment codes that were shown on screen, by the name of the one enrolled."""

    def __getitem__(self, who: str) -> Page:
        return self.pages[who]

    def enter(self, who: str, *, phone: bool = False, for_axe: bool = False) -> Page:
        """Opens a person's window and signs them in with one click."""
        page = self.pages[who] = self.windows.of(who, phone=phone, for_axe=for_axe)
        page.goto("/")
        page.get_by_role("button", name=f"Sign in as {NAMES[who]}").click()
        expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)
        return page

    def sign_up(self, who: str, name: str, code: str) -> Page:
        """Opens a window and makes an account with a code, with the recovery code written down."""
        page = self.pages[who] = self.windows.of(who)
        page.goto("/enrol")
        page.get_by_label("Enrolment code").fill(code)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Your name").fill(name)
        page.get_by_label("E-mail").fill(f"{name.split()[0].lower()}@example.test")
        page.get_by_label("Password").fill("heron lantern quiet orchard")
        page.get_by_role("button", name="Make my account").click()
        keep_recovery(page)
        expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)
        return page

    def picture(self, who: str, name: str) -> None:
        if self.pictures is not None:
            self[who].screenshot(path=self.pictures / f"{name}.png", animations="disabled")

    def go(self, who: str, place: str) -> None:
        """Takes the main navigation; the words differ between a desk and a phone."""
        self[who].get_by_role("navigation", name="Main").get_by_role("link", name=re.compile(place)).click()

    def message(self, who: str, text: str) -> Locator:
        """A message in the open conversation."""
        return self[who].get_by_role("log", name="Messages").get_by_text(text, exact=False)

    def write(self, who: str, text: str) -> None:
        page = self[who]
        page.get_by_label("Write a message").fill(text)
        page.get_by_role("button", name="Send").click()
        expect(self.message(who, text)).to_be_visible(timeout=SLOW)

    def sees(self, who: str, text: str) -> None:
        expect(self.message(who, text)).to_be_visible(timeout=SLOW)

    def open_patients_conversation(self, who: str) -> None:
        """A clinician's way to Maya's conversation."""
        page = self[who]
        page.goto("/")
        page.get_by_role("link", name=NAMES["patient"]).first.click()
        expect(page.get_by_role("log", name="Messages")).to_be_visible(timeout=SLOW)

    def open_own_conversation(self) -> None:
        """The patient's way to the conversation."""
        page = self["patient"]
        page.get_by_role("navigation", name="Main").get_by_role(
            "link", name=re.compile("Conversations|Messages")
        ).click()
        page.get_by_role("list", name="Conversations").get_by_role("link").first.click()
        expect(page.get_by_role("log", name="Messages")).to_be_visible(timeout=SLOW)


def keep_recovery(page: Page) -> None:
    """Writes the recovery code down, and types the part that is asked for."""
    shown = page.get_by_role("list", name="Recovery code")
    expect(shown).to_be_visible(timeout=SLOW)
    parts = [one.split()[-1] for one in shown.get_by_role("listitem").all_inner_texts()]
    page.get_by_role("button", name="I have written it down").click()
    asked = page.get_by_label(re.compile("Type part"))
    words = page.get_by_text(re.compile(r"Type part \d+")).first.inner_text()
    asked.fill(parts[int(re.findall(r"\d+", words)[0]) - 1])
    page.get_by_role("button", name="Continue").click()


def thread_address(page: Page) -> str:
    """The address of the open conversation."""
    assert "/threads/" in page.url
    return page.url


DECODED = """
async () => {
  let frames = 0;
  for (const connection of window.connectionsForTest) {
    if (connection.connectionState === 'closed') continue;
    (await connection.getStats()).forEach((one) => {
      if (one.type === 'inbound-rtp' && one.kind === 'video') frames += one.framesDecoded ?? 0;
    });
  }
  return frames;
}
"""


def decoded_frames(page: Page) -> int:
    """How many video frames of others the browser has decoded on its open connections."""
    return int(page.evaluate(DECODED))


def frames_arrive(page: Page, seconds: float = 40) -> int:
    """Waits until the browser has decoded another ten frames; returns how many there are then."""
    before, deadline = decoded_frames(page), time.monotonic() + seconds
    while time.monotonic() < deadline:
        page.wait_for_timeout(250)
        now = decoded_frames(page)
        if now >= before + 10:
            return now
    raise AssertionError(f"only {decoded_frames(page) - before} frames were decoded in {seconds} s")

"""Files in real windows: a picture from one to the other, an upload cut by a reload, and files that lie."""

from __future__ import annotations

import random
import re
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import SLOW, Hour
from tests.e2e.looks import looks_well

SEED = random.Random(7)


def picture_of(width: int, height: int) -> bytes:
    """A PNG of coloured bands that no compression makes small."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in (x * 255 // width, y * 255 // height, SEED.randrange(90)))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PICTURE = picture_of(900, 600)
LONG = SEED.randbytes(4_000_000)


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    return Hour(windows, pictures)


def choose(page: Page, name: str, content: bytes, type: str = "") -> Locator:
    """Chooses a file; the question whether to send it."""
    page.get_by_label("Choose files").set_input_files(FilePayload(name=name, mimeType=type, buffer=content))
    dialog = page.get_by_role("dialog", name="Send this file?")
    expect(dialog).to_be_visible(timeout=SLOW)
    return dialog


def send(page: Page, name: str, content: bytes, type: str = "") -> None:
    dialog = choose(page, name, content, type)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_hidden(timeout=SLOW)


def file_in(page: Page, name: str) -> Locator:
    return page.get_by_role("log", name="Messages").get_by_role("group", name=f"File {name}")


def saved(file: Locator) -> tuple[str, bytes]:
    """The name and bytes that Save hands over."""
    with file.page.expect_download(timeout=SLOW) as download:
        file.get_by_role("button", name=re.compile("^Save")).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_a_picture_goes_from_one_to_the_other(hour: Hour) -> None:
    elena, maya = hour.enter("therapist", for_axe=True), hour.enter("patient", phone=True, for_axe=True)
    hour.open_patients_conversation("therapist")
    hour.open_own_conversation()
    dialog = choose(elena, "sleep diary.png", PICTURE, "image/png")
    expect(dialog.get_by_text("PNG picture")).to_be_visible()
    looks_well(hour.pictures, elena, "file-asked", whole=False)
    dialog.get_by_label("Words to go with it").fill("The diary of this week.")
    dialog.get_by_role("button", name="Send").click()
    file = file_in(maya, "sleep diary.png")
    expect(file.get_by_role("img", name="Preview of sleep diary.png")).to_be_visible(timeout=SLOW)
    hour.sees("patient", "The diary of this week.")
    file.get_by_role("button", name="Open").click()
    shown = maya.get_by_role("dialog", name="sleep diary.png").get_by_role("img", name="sleep diary.png")
    expect(shown).to_be_visible(timeout=SLOW)
    assert shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [900, 600]
    looks_well(hour.pictures, maya, "file-open", whole=False)
    maya.keyboard.press("Escape")
    assert saved(file) == ("sleep diary.png", PICTURE)
    expect(file_in(elena, "sleep diary.png").get_by_role("img")).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, elena, "file", whole=False)


def test_an_upload_that_a_reload_cuts_goes_on_where_it_was(hour: Hour) -> None:
    elena, offsets = hour["therapist"], list[int]()

    def let_two_pass(route: Route) -> None:
        offsets.append(int(route.request.url.rsplit("=", 1)[1]))
        if len(offsets) > 2:
            route.abort("connectionreset")
        else:
            route.continue_()

    pieces = re.compile(r"/content\?offset=\d+$")
    elena.route(pieces, let_two_pass)
    send(elena, "holter.bin", LONG)
    tray = elena.get_by_role("list", name="Files on their way")
    expect(tray.get_by_text("Waiting for a connection")).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, elena, "file-waiting", whole=False)
    there = offsets[2]
    assert there > offsets[1] > offsets[0] == 0
    elena.unroute(pieces)
    asked = list[int]()
    elena.on("request", lambda one: asked.append(int(one.url.rsplit("=", 1)[1])) if pieces.search(one.url) else None)
    elena.reload()
    expect(file_in(elena, "holter.bin")).to_be_visible(timeout=SLOW)
    expect(tray).to_have_count(0)
    assert asked[0] == there
    assert asked == sorted(set(asked))
    file = file_in(hour["patient"], "holter.bin")
    expect(file.get_by_role("button", name="Open")).to_have_count(0)
    assert saved(file) == ("holter.bin", LONG)


def test_an_upload_is_cancelled(hour: Hour) -> None:
    elena = hour["therapist"]
    pieces = re.compile(r"/content\?offset=\d+$")
    elena.route(pieces, lambda route: route.abort("connectionreset"))
    send(elena, "wrong patient.bin", LONG)
    tray = elena.get_by_role("list", name="Files on their way")
    tray.get_by_role("button", name="Cancel wrong patient.bin").click(timeout=SLOW)
    expect(tray).to_have_count(0)
    elena.unroute(pieces)
    elena.reload()
    expect(file_in(elena, "holter.bin")).to_be_visible(timeout=SLOW)
    expect(tray).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "shown", "content", "words", "saved_as"),
    [
        ("photo.png", "photo.png", b"MZ" + bytes(200), "Windows program", "photo.png.bin"),
        ("note.txt", "note.txt", b"<html><script>alert(1)</script>", "web page", "note.txt.bin"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe", PICTURE, "PNG picture", "gnp.exe.png"),
    ],
)
def test_a_file_that_lies_is_shown_as_what_it_is(
    hour: Hour, name: str, shown: str, content: bytes, words: str, saved_as: str
) -> None:
    send(hour["therapist"], name, content, "image/png")
    file = file_in(hour["patient"], shown)
    expect(file).to_be_visible(timeout=SLOW)
    assert saved(file) == (saved_as, content)
    expect(file.get_by_text("This file is not what its name says")).to_be_visible()
    expect(file.get_by_text(words, exact=False).first).to_be_visible()


def test_text_is_shown_as_text(hour: Hour) -> None:
    send(hour["therapist"], "values.csv", "day;hours\nMon;5½\n".encode(), "text/csv")
    file = file_in(hour["patient"], "values.csv")
    file.get_by_role("button", name="Open").click(timeout=SLOW)
    expect(hour["patient"].get_by_role("dialog", name="values.csv").get_by_text("Mon;5½")).to_be_visible(timeout=SLOW)
    hour["patient"].keyboard.press("Escape")


def test_what_is_pasted_and_what_is_dropped_is_asked_about_too(hour: Hour) -> None:
    elena = hour["therapist"]
    for event, carrier in (("paste", "clipboardData"), ("drop", "dataTransfer")):
        elena.get_by_label("Write a message").evaluate(
            """(node, [event, carrier]) => {
              const carried = new DataTransfer();
              carried.items.add(new File(['words'], `${event}.txt`, { type: 'text/plain' }));
              const Kind = event === 'paste' ? ClipboardEvent : DragEvent;
              node.dispatchEvent(new Kind(event, { bubbles: true, cancelable: true, [carrier]: carried }));
            }""",
            [event, carrier],
        )
        dialog = elena.get_by_role("dialog", name="Send this file?")
        expect(dialog.get_by_text(f"{event}.txt")).to_be_visible(timeout=SLOW)
        dialog.get_by_role("button", name="Cancel").click()
        expect(dialog).to_be_hidden()


def test_a_file_is_taken_back_and_nobody_opens_it_again(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    expect(file_in(maya, "values.csv").get_by_role("button", name="Open")).to_be_visible(timeout=SLOW)
    message = elena.get_by_role("article").filter(has=elena.get_by_role("group", name="File values.csv"))
    message.get_by_role("button", name=re.compile("^What to do with your message")).click(timeout=SLOW)
    elena.get_by_role("menuitem", name="Take back").click()
    question = elena.get_by_role("alertdialog", name="Take this message back?")
    expect(question.get_by_text("values.csv")).to_be_visible()
    looks_well(hour.pictures, elena, "file-taken-back", whole=False)
    with elena.expect_response(lambda answer: answer.request.method == "DELETE", timeout=SLOW) as destroyed:
        question.get_by_role("button", name="Take it back").click()
    assert destroyed.value.json()["state"] == "gone"
    expect(file_in(maya, "values.csv")).to_have_count(0, timeout=SLOW)
    for page in (elena, maya):
        expect(page.get_by_role("article", name=re.compile("taken back$"))).to_be_visible(timeout=SLOW)
    gone = maya.evaluate(
        "address => fetch(address).then((answer) => answer.status)",
        f"{destroyed.value.url.split('?')[0]}/content".replace("therapist.", "patient."),
    )
    assert gone == 410


def test_nothing_broke_on_the_way(hour: Hour) -> None:
    known = ("net::ERR_CONNECTION_RESET", "net::ERR_FAILED", "ERR_ABORTED", "401 (Unauthorized)", "410 (Gone)")
    assert [line for line in hour.windows.console if not any(one in line for one in known)] == []

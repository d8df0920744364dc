"""Opening a conversation of 100,000 messages in real Chromium, on the product's own processes.

Two people's clients seal every message, one in a hundred is a change of an earlier one, and the rows go into the
store at once. The clock runs from the click on the patient to the frame in which the first messages are painted; the
app is open and the conversation is not. Then the page scrolls back far, and its heap is measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import django
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.figure import Figure, percentile
from client import account as accounts
from client.account import Account
from client.api import Api
from client.threads import Thread, list_threads, open_thread
from crypto.messages import Header, parse_wire
from crypto.sealing import seal_message
from crypto.tables import ContentType
from people.demo import PASSWORD, PATIENT, STAFF, DemoMember
from tests.e2e.conftest import WINDOW_FLAGS, Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour
from tests.product import Product
from wire.base import b64
from wire.messaging import MarksPut, MemberMarks

Answer = TypeVar("Answer")
THERAPIST = next(one for one in STAFF if one.window == "therapist")
MESSAGES = int(os.environ.get("CONSILIUM_BENCH_MESSAGES", "100000"))
EDIT_EVERY = 100
TRIALS = 5
PAGES_BACK = 60
WORDS = "She slept from two to six and woke twice; the breathing exercise before boarding helped on four of five days. "

# From the click until the first messages are on the screen: two frames after they are in the page.
OPEN = """
(name) => new Promise((done) => {
  const link = [...document.querySelectorAll('a.case-link')].find((one) => one.textContent.trim() === name);
  const began = performance.now();
  link.click();
  const look = () => {
    if (!document.querySelector('[role=log] article')) return requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  };
  requestAnimationFrame(look);
})
"""
SCROLL_BACK = """
() => new Promise((done) => {
  const log = document.querySelector('[role=log]');
  const before = log.querySelector('[data-key]').dataset.key;
  log.scrollTop = 0;
  const end = performance.now() + 3000;
  const look = () => {
    const first = log.querySelector('[data-key]');
    const isThere = first && first.dataset.key !== before && log.scrollTop > 0;
    if (isThere || performance.now() > end) return done(log.scrollHeight);
    setTimeout(look, 20);
  };
  setTimeout(look, 20);
})
"""


async def _sign_in(product: Product, member: DemoMember) -> tuple[Account, Thread]:
    api = Api(product.address())
    account = await accounts.sign_in(api, email=member.email, password=PASSWORD, second_factor=member.second_factor)
    [summary] = await list_threads(account)
    return account, await open_thread(account, summary.id)


def _fill(writers: list[tuple[Account, Thread]], head: int) -> None:
    """Seals what is missing and puts it into the store, as posts would have, in batches."""
    from messaging.models import Message
    from messaging.models import Thread as ThreadRow

    sealed = [(account, thread, _first(thread)) for account, thread in writers]
    began = datetime.now(UTC) - timedelta(minutes=MESSAGES)
    key, rows, texts = b64(writers[0][1].id), [], {0: b"", 1: b""}
    for seq in range(head + 1, MESSAGES + 1):
        account, thread, header = sealed[seq % 2]
        msg_id, at = secrets.token_bytes(16), began + timedelta(minutes=seq)
        is_edit = seq % EDIT_EVERY < 2 and texts[seq % 2] != b""
        body = {"text": f"{seq}: {WORDS}"} | ({"ref": b64(texts[seq % 2])} if is_edit else {})
        header = replace(
            header,
            msg_id=msg_id,
            ctr=account.next_counter(),
            ts=int(at.timestamp() * 1000),
            ctype=ContentType.EDIT if is_edit else ContentType.TEXT,
        )
        if not is_edit:
            texts[seq % 2] = msg_id
        wire = seal_message(header, json.dumps(body).encode(), thread.epoch_keys[header.epoch], thread.identity).wire
        ids = {"sender_id": _uuid(header.sender), "device": _uuid(header.device), "msg_id": _uuid(msg_id)}
        rows.append(
            Message(thread_id=key, seq=seq, epoch=header.epoch, ctr=header.ctr, wire=wire, created_at=at, **ids)
        )
        if len(rows) == 1000 or seq == MESSAGES:
            Message.objects.bulk_create(rows)
            rows.clear()
    ThreadRow.objects.filter(pk=key).update(head=MESSAGES, last_at=datetime.now(UTC))


def _first(thread: Thread) -> Header:
    """A header as this person's client writes it now, to be changed a little for each message."""
    return parse_wire(thread.seal(secrets.token_bytes(16), b"{}", ContentType.TEXT).wire).header


def _uuid(raw: bytes) -> str:
    return raw.hex()


async def _prepare(product: Product) -> tuple[Account, Thread]:
    """Everything in its place; the therapist's client, which then says how far she has read."""
    writers = [await _sign_in(product, THERAPIST), await _sign_in(product, PATIENT)]
    head = (await writers[0][1].fetch(0)).head
    await asyncio.to_thread(_fill, writers, head)
    return writers[0]


async def _say_read(elena: tuple[Account, Thread], read: int) -> None:
    account, thread = elena
    await account.api.put(f"{thread.path}/marks", MarksPut(delivered=read, read=read), MemberMarks)


def _opening(page: Page, trials: int) -> list[float]:
    took = []
    for _ in range(trials):
        page.goto("/")
        page.get_by_role("link", name=NAMES["patient"]).first.wait_for(timeout=SLOW)
        page.wait_for_load_state("networkidle")
        took.append(float(page.evaluate(OPEN, NAMES["patient"])))
    return took


def _heap(cdp: CDPSession) -> float:
    cdp.send("HeapProfiler.collectGarbage")
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")) / 2**20


def _scrolled(page: Page, cdp: CDPSession) -> tuple[float, float]:
    """The heap of the page before and after it has gone so many pages back."""
    before = _heap(cdp)
    for _ in range(PAGES_BACK):
        page.evaluate(SCROLL_BACK)
    return before, _heap(cdp)


def _measure(product: Product, elena: tuple[Account, Thread], client: _Loop) -> Iterator[Figure]:
    of: dict[str, int | float | str] = {"messages": MESSAGES, "trials": TRIALS}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=WINDOW_FLAGS)
        hour = Hour(Windows(browser, product), None)
        page = hour.enter("therapist")
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable")
        for name, read in (("middle", MESSAGES // 2), ("fifty_unread", MESSAGES - 50), ("newest", MESSAGES)):
            client.run(_say_read(elena, read))
            first, *rest = _opening(page, TRIALS + 1)
            yield Figure(f"thread.open.{name}.first_time", first, "ms", of)
            yield Figure(f"thread.open.{name}.p50", percentile(rest, 0.5), "ms", of)
            yield Figure(f"thread.open.{name}.max", max(rest), "ms", of)
        before, after = _scrolled(page, cdp)
        yield Figure("thread.heap.opened", before, "MB", of)
        yield Figure("thread.heap.scrolled_back", after, "MB", of | {"pages": PAGES_BACK})
        browser.close()


class _Loop:
    """A thread with an event loop of its own: the browser's driver occupies the main one."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._runner = self._thread.submit(asyncio.Runner).result()

    def run(self, work: Coroutine[None, None, Answer]) -> Answer:
        return self._thread.submit(self._runner.run, work).result()


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder))
        try:
            os.environ.update(product.environment)
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
            django.setup()
            client = _Loop()
            yield from _measure(product, client.run(_prepare(product)), client)
        finally:
            product.stop()

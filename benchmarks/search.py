"""Searching a hundred thousand messages on the device: the client's own index, in a Worker of real Chromium.

Fifty conversations of two thousand messages each, of five to thirty words drawn like a language's; taken in from the
newest back, page by page, then asked 600 times for one to three beginnings of words. The clock runs in the page, from
the question to the thirty newest answers with their snippets. Cold: the first question after the keys were opened,
with everything to be read from the disk and unsealed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

from benchmarks.figure import Figure, percentile
from tests.e2e.conftest import WINDOW_FLAGS

MESSAGES = 100_000
THREADS = 50
PAGE = 200
QUESTIONS = 600
HOST = "http://localhost"
FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
WORKER = FRONTEND.parent / "benchmarks/words/worker.ts"
HTML = """<!doctype html><title>search</title><script type="module">
let next = 0;
window.begin = () => new Promise((resolve) => {
  const waiting = new Map();
  const worker = new Worker('/worker.js', { type: 'module' });
  worker.onmessage = ({ data }) => (data.ready ? resolve() : waiting.get(data.id)(data.value));
  window.act = (act, ...args) => new Promise((answer) => {
    waiting.set(++next, answer);
    worker.postMessage({ id: next, act, args });
  });
  window.stop = () => worker.terminate();
});
window.timed = async (question, of) => {
  const began = performance.now();
  await window.act('ask', question, of);
  return performance.now() - began;
};
</script>"""
ISOLATED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Without these the browser tells nothing of its memory."""


def _built(folder: Path) -> dict[str, str]:
    """The worker and what it is split into, by name."""
    options: dict[str, Any] = {
        "configFile": False,
        "root": str(FRONTEND),
        "logLevel": "error",
        "build": {
            "outDir": str(folder),
            "target": "es2022",
            "lib": {"entry": str(WORKER), "formats": ["es"], "fileName": "worker"},
        },
    }
    script = f"import('vite').then((vite) => vite.build({json.dumps(options)}))"
    node = shutil.which("node")
    assert node, "node is not installed: run `make run` once"
    subprocess.run([node, "--input-type=module", "-e", script], cwd=FRONTEND, check=True, timeout=120)
    return {one.name: one.read_text() for one in folder.glob("*.js")}


def _answer(route: Route, scripts: dict[str, str]) -> None:
    script = scripts.get(route.request.url.rsplit("/", 1)[-1])
    kind = "text/html" if script is None else "text/javascript"
    route.fulfill(body=HTML if script is None else script, content_type=kind, headers={**ISOLATED})


def _memory(page: Page) -> float:
    """Bytes of the page and its worker, as the browser counts them."""
    measured: float = page.evaluate("async () => (await performance.measureUserAgentSpecificMemory()).bytes")
    return measured


def _open(page: Page) -> float:
    """A fresh worker with the keys open; what the browser holds then."""
    page.evaluate("() => window.begin()")
    page.evaluate("() => window.act('open')")
    return _memory(page)


def _measure(page: Page) -> Iterator[Figure]:
    of: dict[str, int | float | str] = {"messages": MESSAGES, "conversations": THREADS}
    _open(page)
    took: list[float] = page.evaluate("(given) => window.act('fill', ...given)", [MESSAGES, THREADS, PAGE])
    yield Figure("search_build_rate", MESSAGES / (sum(took) / 1000), "messages/s", {**of, "page": PAGE})
    yield Figure("search_build_page_p99", percentile(took, 0.99), "ms", {**of, "page": PAGE})
    yield Figure("search_size_at_rest", page.evaluate("(of) => window.act('sizeAtRest', of)", THREADS) / 1e6, "MB", of)
    page.evaluate("() => window.stop()")
    before = _open(page)
    questions: list[str] = page.evaluate("(count) => window.act('questions', count)", QUESTIONS)
    timed = "([question, of]) => window.timed(question, of)"
    yield Figure("search_cold", page.evaluate(timed, [questions[0], THREADS]), "ms", of)
    times: list[float] = [page.evaluate(timed, [question, THREADS]) for question in questions]
    asked = {**of, "questions": QUESTIONS}
    yield Figure("search_p50", percentile(times, 0.5), "ms", asked)
    yield Figure("search_p99", percentile(times, 0.99), "ms", asked)
    yield Figure("search_slowest", max(times), "ms", asked)
    yield Figure("search_one_letter", page.evaluate(timed, ["b", THREADS]), "ms", of)
    yield Figure("search_memory", (_memory(page) - before) / 1e6, "MB", of)


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        scripts = _built(Path(folder))
        flags = [*WINDOW_FLAGS, "--enable-blink-features=ForceEagerMeasureMemory"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page()
        page.route("**/*", lambda route: _answer(route, scripts))
        page.goto(HOST)
        yield from _measure(page)
        browser.close()

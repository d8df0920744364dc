"""A real identity provider in a process of its own, and a person in front of it without a browser."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from config.environment import ROOT
from tests.product import wait_for
from tests.services import free_port

CLIENT, SECRET = "consilium", "a secret that is for tests alone, and long enough"


class IdentityProvider:
    """`oidc-provider` on a free port; `redirects` are the addresses to which it sends people back."""

    def __init__(self, redirects: Sequence[str]) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        client = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uris": list(redirects)}
        self._told = json.dumps({"port": self.port, "clients": [client]})
        self.start()

    def start(self) -> None:
        """Starts it, again after `stop`, at the same address."""
        self._process = subprocess.Popen(
            ["node", ROOT / "tests/identity/provider.mjs", self._told],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(f"{self.issuer}/.well-known/openid-configuration", 60)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(15)

    def setting(self, organisation: str, provider_id: str = "riverside") -> dict[str, str]:
        """As an operator writes it into CONSILIUM_IDENTITY_PROVIDERS."""
        return {
            "id": provider_id,
            "organisation": organisation,
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
        }


async def sign_in_there(address: str, name: str) -> dict[str, str]:
    """Follows the provider's pages as a person does; returns what came back in the address of the last step."""
    async with httpx.AsyncClient(timeout=20) as browser:
        answer = await browser.get(address)
        for _ in range(12):
            while answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if urlsplit(address).path == "/sso":
                    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
                answer = await browser.get(address)
            assert answer.status_code == 200, answer.text
            answer = await browser.post(_target(answer), data=_filled(answer.text, name))
    raise AssertionError("the provider never sent the person back")


def _target(page: httpx.Response) -> str:
    found = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert found, page.text
    return urljoin(str(page.url), str(found.group(1)))


def _filled(html: str, name: str) -> dict[str, str]:
    kind = re.search(r'name="prompt" value="(\w+)"', html)
    assert kind, html
    return {"prompt": kind.group(1), "login": name, "password": "any"}

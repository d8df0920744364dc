"""The HTTP half of the client: a cookie session, the CSRF token, wire models in and out, a time limit on all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from client.errors import ApiError, Unreachable
from crypto.errors import Ct1Error
from crypto.keys import OrgRoot
from wire.base import Body, b64
from wire.people import Config, LoginParameters, LoginQuestion, Me

TIMEOUT_SECONDS = 20.0
Answer = TypeVar("Answer", bound=BaseModel)


class Api:
    """A session with one server. `base_url` is the web origin, as in a browser's address bar.

    `roots`: fingerprints of organisations' roots that came from elsewhere than the server. Nobody else vouches for
    anybody then; without them the server's word at sign-in is pinned.
    """

    def __init__(
        self,
        base_url: str,
        *,
        device: bytes = b"",
        timeout: float = TIMEOUT_SECONDS,
        roots: frozenset[bytes] = frozenset(),
    ) -> None:
        self.roots = roots
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.device = device
        headers = {"Origin": self.base_url, "Accept": "application/json"}
        self._http = httpx.AsyncClient(base_url=self.base_url, timeout=timeout, headers=headers)

    async def __aenter__(self) -> Api:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    def cookie_header(self) -> str:
        """The session's cookies as one header, for the socket."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._http.cookies.jar)

    async def get(self, path: str, answer: type[Answer], params: dict[str, str | int] | None = None) -> Answer:
        return await self.request("GET", path, None, answer, params=params)

    async def post(self, path: str, body: Body | None, answer: type[Answer]) -> Answer:
        return await self.request("POST", path, body, answer)

    async def put(self, path: str, body: Body, answer: type[Answer]) -> Answer:
        return await self.request("PUT", path, body, answer)

    async def delete(self, path: str, answer: type[Answer]) -> Answer:
        return await self.request("DELETE", path, None, answer)

    async def request(
        self,
        method: str,
        path: str,
        body: Body | None,
        answer: type[Answer],
        *,
        params: dict[str, str | int] | None = None,
    ) -> Answer:
        """One call of `/api{path}`; raises ApiError when refused and Unreachable when there is no answer."""
        content = body.model_dump_json() if body is not None else None
        response = await self._send(method, f"/api{path}", content, params=params)
        if response.status_code >= 400:
            raise _refusal(response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise Unreachable(f"{method} {path}: the server speaks another version of the protocol") from error

    async def put_octets(self, path: str, octets: bytes, answer: type[Answer], params: dict[str, str | int]) -> Answer:
        """Brings bytes as they are to `/api{path}`."""
        headers = {"Content-Type": "application/octet-stream"}
        response = await self._send("PUT", f"/api{path}", octets, headers, params=params)
        if response.status_code >= 400:
            raise _refusal(response)
        return answer.model_validate_json(response.content)

    async def get_octets(self, path: str, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes of `/api{path}` from `start` on, as they arrive; raises Unreachable where they break off."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        try:
            async with self._http.stream("GET", f"/api{path}", headers=headers) as response:
                if response.status_code >= 400:
                    await response.aread()
                    raise _refusal(response)
                if start and response.status_code != 206:
                    raise Unreachable(f"GET {path}: the server does not go on from where it broke off")
                async for part in response.aiter_bytes():
                    yield part
        except httpx.HTTPError as error:
            raise Unreachable(f"GET {path}: {type(error).__name__}") from error

    async def sign_in(self, email: str, auth: bytes) -> Me:
        """Opens a session with the derived `auth`; raises ApiError when it is not right.

        `second_factor` says that it is right and that a code is asked for as well.
        """
        await self._account("POST", "login", {"email": email, "password": b64(auth)})
        return await self.get("/me", Me)

    async def answer_second_factor(self, code: str) -> None:
        """Completes a sign-in that asks for a code of the authenticator app, or for a recovery code."""
        await self._account("POST", "2fa/authenticate", {"code": code})

    async def prove_second_factor(self, code: str) -> None:
        """Shows the second factor again in a session that is open: it counts as recent for fifteen minutes."""
        await self._account("POST", "2fa/reauthenticate", {"code": code})

    async def prove_password(self, auth: bytes) -> None:
        """Shows the password again in a session that is open: what asks for a recent proof goes on for five minutes."""
        await self._account("POST", "reauthenticate", {"password": b64(auth)})

    async def set_up_second_factor(self, auth: bytes, code_of: Callable[[str], str]) -> str:
        """Sets up an authenticator app and returns its secret; `auth` proves the person, `code_of` makes a code."""
        await self.prove_password(auth)
        door = "/_allauth/browser/v1/account/authenticators/totp"
        offered = await self._send("GET", door, None)
        try:
            secret = str(offered.json()["meta"]["secret"])
        except (ValueError, KeyError, TypeError) as error:
            raise _account_refusal(offered) from error
        made = await self._send("POST", door, json.dumps({"code": code_of(secret)}))
        if made.status_code >= 400:
            raise _account_refusal(made)
        return secret

    async def sign_up(self, email: str, auth: bytes, enrolment_code: str) -> Me:
        """Opens an account and its first session; the code is used up later, when the keys are enrolled."""
        body = {"email": email, "password": b64(auth)}
        await self._account("POST", "signup", body, {"X-Enrolment-Code": enrolment_code})
        return await self.get("/me", Me)

    async def sign_out(self) -> None:
        """Ends this session."""
        await self._send("DELETE", "/_allauth/browser/v1/auth/session", None)

    async def config(self) -> Config:
        """The server's configuration with the organisations that this client takes for what they say they are.

        Raises Ct1Error E_CERT for a fingerprint that is not its key's, before anything is vouched for by it.
        """
        told = await self.get("/config", Config)
        for one in told.organisations:
            if OrgRoot(one.root_pk).fp != one.root_fp:
                raise Ct1Error("E_CERT", "the root's fingerprint is not its key's")
        taken = [one for one in told.organisations if not self.roots or one.root_fp in self.roots]
        return told.model_copy(update={"organisations": taken})

    async def login_parameters(self, email: str) -> LoginParameters:
        return await self.post("/login-parameters", LoginQuestion(email=email), LoginParameters)

    async def _account(
        self, method: str, door: str, body: dict[str, str], headers: dict[str, str] | None = None
    ) -> None:
        if "csrftoken" not in self._http.cookies:
            await self._send("GET", "/_allauth/browser/v1/auth/session", None)
        response = await self._send(method, f"/_allauth/browser/v1/auth/{door}", json.dumps(body), headers)
        if response.status_code >= 400:
            raise _account_refusal(response)

    async def _send(
        self,
        method: str,
        path: str,
        content: str | bytes | None,
        headers: dict[str, str] | None = None,
        *,
        params: dict[str, str | int] | None = None,
    ) -> httpx.Response:
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token := self._http.cookies.get("csrftoken"):
            sent["X-CSRFToken"] = token
        if self.device:
            sent["X-Device"] = b64(self.device)
        try:
            return await self._http.request(method, path, content=content, headers=sent, params=params)
        except httpx.HTTPError as error:
            raise Unreachable(f"{method} {path}: {type(error).__name__}") from error


def _refusal(response: httpx.Response) -> ApiError:
    """The refusal in a response; a page that is not ours (a proxy's, say) still becomes one error."""
    try:
        body = response.json()
        return ApiError(body["code"], body["message"], status=response.status_code, re=str(body.get("re", "")))
    except (ValueError, KeyError, TypeError):
        return ApiError("unavailable", f"HTTP {response.status_code}", status=response.status_code)


def _account_refusal(response: httpx.Response) -> ApiError:
    """allauth's refusals by their own codes: `email_password_mismatch`, `email_taken`, …"""
    try:
        found = response.json()
        if any(one.get("id") == "mfa_authenticate" for one in found.get("data", {}).get("flows", ())):
            return ApiError("second_factor", "A code is asked for.", status=response.status_code)
        first = found["errors"][0]
        return ApiError(first["code"], first["message"], status=response.status_code, re=first.get("param", ""))
    except (ValueError, KeyError, TypeError, IndexError):
        code = "too_many" if response.status_code == 429 else "refused"
        return ApiError(code, f"Refused with HTTP {response.status_code}.", status=response.status_code)

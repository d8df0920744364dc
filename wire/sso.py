"""Signing in by an organisation's identity provider (OpenID Connect, code flow with PKCE); it opens no key."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from wire.base import Body, Millis


class SsoCode(StrEnum):
    """Refusals on the way to an identity provider and back."""

    STATE = "sso_state"
    """The answer belongs to no sign-in that this browser began within the last ten minutes."""
    ANSWER = "sso_answer"
    """The answer does not hold, and `re` says where: signature, iss, aud, azp, exp, iat, nonce, sub, code."""
    UNLINKED = "sso_unlinked"
    """The provider knows the person, and no account here is linked with them."""
    CLOSED = "sso_closed"
    """The account is closed, or holds no post at that organisation any more."""
    TAKEN = "sso_taken"
    """This person of the provider is linked with another account."""
    DOWN = "sso_down"
    """The provider does not answer, or not as one."""
    SECOND_FACTOR = "second_factor"
    """The provider has proved the person, and the account's own second factor is asked for as well."""


class IdentityProviderOut(Body):
    """A provider that the sign-in page offers; `organisation` is whose people it knows."""

    id: str
    organisation: str


class SsoBegin(Body):
    """`POST /api/sso/begin`, without a session, and `POST /api/me/identities/begin`, to link one's account."""

    provider: str = Field(min_length=1, max_length=40)


class SsoAddress(Body):
    """Where to send the browser; the provider sends it back to `/sso` with `code`, `state` and perhaps `iss`."""

    address: str


class SsoReturn(Body):
    """`POST /api/sso/finish` and `POST /api/me/identities`: what came back in the address, as it came.

    Finishing answers `second_factor` (401) when the account has one: allauth's `2fa/authenticate` goes on from there.
    """

    code: str = Field(min_length=1, max_length=4096)
    state: str = Field(min_length=1, max_length=200)
    iss: str = Field(default="", max_length=500)


class LinkedIdentity(Body):
    """One's account is linked with a person of this provider."""

    id: str
    organisation: str
    since: Millis
    last_used: Millis | None


class LinkedIdentities(Body):
    """`GET /api/me/identities`: providers of one's own organisations, and which are linked with one's account."""

    offered: list[IdentityProviderOut]
    linked: list[LinkedIdentity]

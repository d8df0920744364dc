"""What a real provider answers, judged with another clock, another nonce or another name than it was asked with."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from people.sso import road
from people.sso.rules import Provider, authorization_address
from tests.identity.provider import IdentityProvider, sign_in_there
from wire.errors import ConsiliumError

BACK = "http://127.0.0.1:1/sso"
STATE, NONCE, VERIFIER = "s" * 43, "n" * 43, "v" * 43


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    one = IdentityProvider([BACK])
    yield one
    one.stop()


@pytest.fixture
def provider(running: IdentityProvider) -> Provider:
    return Provider.model_validate(running.setting("Riverside"))


async def answered(provider: Provider) -> dict[str, str]:
    endpoint = str(road.discover(provider)["authorization_endpoint"])
    address = authorization_address(endpoint, provider, BACK, state=STATE, nonce=NONCE, verifier=VERIFIER)
    return await sign_in_there(address, "elena")


async def told(provider: Provider, *, nonce: str = NONCE, iss: str | None = None, later: float = 0) -> str:
    back = await answered(provider)
    return road.subject(
        provider, BACK, code=back["code"], iss=back["iss"] if iss is None else iss, nonce=nonce, verifier=VERIFIER,
        now=time.time() + later,
    )  # fmt: skip


async def test_it_works(provider: Provider) -> None:
    assert await told(provider) == "elena"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [({"nonce": "m" * 43}, "nonce"), ({"iss": "https://elsewhere.example"}, "iss"), ({"iss": ""}, "iss"),
     ({"later": 3600.0}, "exp"), ({"later": -3600.0}, "iat")],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_by_name(provider: Provider, wrong: dict[str, str], where: str) -> None:
    with pytest.raises(ConsiliumError) as error:
        await told(provider, **wrong)  # type: ignore[arg-type]  # one of three keywords at a time
    assert (error.value.code, error.value.re) == ("sso_answer", where)


async def test_a_code_serves_once(provider: Provider) -> None:
    back = await answered(provider)

    def redeem() -> str:
        return road.subject(provider, BACK, code=back["code"], iss=back["iss"], nonce=NONCE, verifier=VERIFIER)

    assert redeem() == "elena"
    with pytest.raises(ConsiliumError) as error:
        redeem()
    assert (error.value.code, error.value.re) == ("sso_answer", "code")


def test_a_provider_that_names_itself_otherwise_is_not_believed(provider: Provider) -> None:
    other = provider.model_copy(update={"issuer": provider.issuer.replace("127.0.0.1", "localhost")})
    with pytest.raises(ConsiliumError) as error:
        road.discover(other)
    assert (error.value.code, error.value.re) == ("sso_answer", "iss")


def test_whoever_is_no_provider_is_down(provider: Provider) -> None:
    for issuer in (f"{provider.issuer}/nothing-here", "http://127.0.0.1:9"):
        with pytest.raises(ConsiliumError) as error:
            road.discover(provider.model_copy(update={"issuer": issuer}))
        assert error.value.code == "sso_down"

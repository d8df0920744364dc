"""Signing in by an organisation's identity provider, a real one, from beginning to end and with every refusal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from client import vault as vaults
from client.api import Api
from client.errors import ApiError
from client.renewal import escape_with_new_keys, rotate_keys
from client.reset import begin_anew
from client.second_factor import totp_code
from tests.client.people import PASSWORD, Person, staff
from tests.identity.provider import IdentityProvider, sign_in_there
from tests.server import Server
from tests.services import free_port
from wire.people import Config, Done, Me
from wire.sso import LinkedIdentities, SsoAddress, SsoBegin, SsoReturn

pytestmark = pytest.mark.server
HOUSE, OTHER = "Riverside", "Northgate"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def provider(port: int) -> Iterator[IdentityProvider]:
    running = IdentityProvider([f"http://127.0.0.1:{port}/sso"])
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(port: int, provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"CONSILIUM_IDENTITY_PROVIDERS": json.dumps([provider.setting(HOUSE)])}
    running = Server(tmp_path_factory.mktemp("sso"), settings, port=port)
    yield running
    running.stop()


async def returned(api: Api, name: str) -> SsoReturn:
    begun = await api.post("/sso/begin", SsoBegin(provider="riverside"), SsoAddress)
    return SsoReturn(**await sign_in_there(begun.address, name))


async def refused(api: Api, back: SsoReturn) -> ApiError:
    with pytest.raises(ApiError) as error:
        await api.post("/sso/finish", back, Done)
    with pytest.raises(ApiError):
        await api.get("/me", Me)
    return error.value


async def prove(person: Person) -> None:
    root = vaults.password_root(PASSWORD, await person.api.login_parameters(person.email))
    await person.api.prove_password(root.auth)


async def link(person: Person, name: str) -> LinkedIdentities:
    await prove(person)
    begun = await person.api.post("/me/identities/begin", SsoBegin(provider="riverside"), SsoAddress)
    back = SsoReturn(**await sign_in_there(begun.address, name))
    return await person.api.post("/me/identities", back, LinkedIdentities)


async def test_it_works(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    standing = await link(elena, "elena-4711")
    assert [one.organisation for one in standing.linked] == [HOUSE]
    empty = Api(server.address)
    await empty.post("/sso/finish", await returned(empty, "elena-4711"), Done)
    assert (await empty.get("/me", Me)).id == elena.account.me.id


async def test_the_page_is_told_who_can_be_signed_in_by(server: Server) -> None:
    server.staff_code(HOUSE, "therapist")
    config = await Api(server.address).get("/config", Config)
    assert [(one.id, one.organisation) for one in config.identity_providers] == [("riverside", HOUSE)]


async def test_the_address_carries_a_challenge_a_state_and_a_nonce_and_asks_for_no_profile(server: Server) -> None:
    begun = await Api(server.address).post("/sso/begin", SsoBegin(provider="riverside"), SsoAddress)
    asked = {key: values[0] for key, values in parse_qs(urlsplit(begun.address).query).items()}
    assert asked["code_challenge_method"] == "S256" and asked["scope"] == "openid"
    assert all(len(asked[one]) >= 43 for one in ("state", "nonce", "code_challenge"))


async def test_somebody_who_is_linked_with_nobody_gets_no_account_and_finds_none_by_an_address(server: Server) -> None:
    # The provider says of everybody that they are therapist@demo.consilium, verified.
    api = Api(server.address)
    assert (await refused(api, await returned(api, "mallory"))).code == "sso_unlinked"


async def test_another_browsers_answer_is_not_taken(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    await link(elena, "elena-state")
    mallory, victim = Api(server.address), Api(server.address)
    back = await returned(mallory, "elena-state")
    assert (await refused(victim, back)).code == "sso_state"
    await returned(victim, "elena-state")
    assert (await refused(victim, back)).code == "sso_state"


async def test_an_answer_serves_once(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    await link(elena, "elena-once")
    api = Api(server.address)
    back = await returned(api, "elena-once")
    await api.post("/sso/finish", back, Done)
    await api.sign_out()
    assert (await refused(api, back)).code == "sso_state"


async def test_a_token_for_another_nonce_is_not_taken(server: Server) -> None:
    api = Api(server.address)
    begun = await api.post("/sso/begin", SsoBegin(provider="riverside"), SsoAddress)
    nonce = parse_qs(urlsplit(begun.address).query)["nonce"][0]
    back = SsoReturn(**await sign_in_there(begun.address.replace(nonce, "x" * len(nonce)), "elena-nonce"))
    error = await refused(api, back)
    assert (error.code, error.re) == ("sso_answer", "nonce")


async def test_a_code_without_its_verifier_is_not_redeemed(server: Server) -> None:
    api = Api(server.address)
    begun = await api.post("/sso/begin", SsoBegin(provider="riverside"), SsoAddress)
    challenge = parse_qs(urlsplit(begun.address).query)["code_challenge"][0]
    stolen = begun.address.replace(challenge, "A" * len(challenge))
    error = await refused(api, SsoReturn(**await sign_in_there(stolen, "elena-pkce")))
    assert (error.code, error.re) == ("sso_answer", "code")


async def test_an_answer_of_another_issuer_is_not_taken(server: Server) -> None:
    api = Api(server.address)
    back = await returned(api, "elena-issuer")
    error = await refused(api, back.model_copy(update={"iss": "https://elsewhere.example"}))
    assert (error.code, error.re) == ("sso_answer", "iss")


async def test_a_closed_account_is_told_so(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    await link(elena, "elena-closed")
    server.manage(
        "shell",
        "-c",
        f"from people.models import User; User.objects.filter(email='{elena.email}').update(is_active=False)",
    )
    api = Api(server.address)
    assert (await refused(api, await returned(api, "elena-closed"))).code == "sso_closed"


async def test_a_provider_speaks_for_its_own_organisation_alone(server: Server) -> None:
    samuel = await staff(server, "Samuel", OTHER, "psychiatrist")
    await prove(samuel)
    with pytest.raises(ApiError) as error:
        await samuel.api.post("/me/identities/begin", SsoBegin(provider="riverside"), SsoAddress)
    assert error.value.code == "not_found"
    assert (await samuel.api.get("/me/identities", LinkedIdentities)).offered == []


async def test_whose_post_has_ended_is_signed_in_no_more(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    await link(elena, "elena-left")
    posts = f"Affiliation.objects.filter(user__email='{elena.email}')"
    server.manage("shell", "-c", f"from people.models import *; {posts}.update(until='2020-01-01T00:00Z')")
    api = Api(server.address)
    assert (await refused(api, await returned(api, "elena-left"))).code == "sso_closed"


async def test_linking_needs_the_password_again(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    with pytest.raises(ApiError) as error:
        await elena.api.post("/me/identities/begin", SsoBegin(provider="riverside"), SsoAddress)
    assert error.value.code == "prove_again"


async def test_an_answer_for_signing_in_links_nothing_and_the_other_way_round(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    back = await returned(elena.api, "mallory-links")
    with pytest.raises(ApiError) as error:
        await elena.api.post("/me/identities", back, LinkedIdentities)
    assert error.value.code == "sso_state"
    await prove(elena)
    begun = await elena.api.post("/me/identities/begin", SsoBegin(provider="riverside"), SsoAddress)
    other = SsoReturn(**await sign_in_there(begun.address, "mallory-links"))
    with pytest.raises(ApiError) as turned:
        await elena.api.post("/sso/finish", other, Done)
    assert turned.value.code == "sso_state"


async def test_one_person_of_the_provider_is_one_account(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    tom = await staff(server, "Tom", HOUSE, "case_manager")
    await link(elena, "shared")
    with pytest.raises(ApiError) as error:
        await link(tom, "shared")
    assert error.value.code == "sso_taken"


async def test_an_unlinked_account_is_signed_in_to_no_more(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    await link(elena, "elena-unlinks")
    await elena.api.delete("/me/identities/riverside", Done)
    api = Api(server.address)
    assert (await refused(api, await returned(api, "elena-unlinks"))).code == "sso_unlinked"


async def test_a_link_survives_a_routine_and_no_theft(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    await link(elena, "elena-theft")
    await rotate_keys(elena.account, password=PASSWORD)
    api = Api(server.address)
    await api.post("/sso/finish", await returned(api, "elena-theft"), Done)
    await escape_with_new_keys(elena.account, current=PASSWORD, new="quite another phrase 43")
    thief = Api(server.address)
    assert (await refused(thief, await returned(thief, "elena-theft"))).code == "sso_unlinked"


async def test_whoever_begins_anew_links_anew(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    await link(elena, "elena-anew")
    code = server.manage("issue_reset_code", HOUSE, elena.email)
    await begin_anew(Api(server.address), email=elena.email, code=code, new_password="quite another phrase 43")
    api = Api(server.address)
    assert (await refused(api, await returned(api, "elena-anew"))).code == "sso_unlinked"


async def test_the_accounts_own_second_factor_is_asked_for_all_the_same(server: Server) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    await link(elena, "elena-factor")
    root = vaults.password_root(PASSWORD, await elena.api.login_parameters(elena.email))
    secret = await elena.api.set_up_second_factor(root.auth, lambda shared: totp_code(shared, time.time()))
    api = Api(server.address)
    error = await refused(api, await returned(api, "elena-factor"))
    assert (error.code, error.status) == ("second_factor", 401)
    await api.answer_second_factor(totp_code(secret, time.time() + 30))
    assert (await api.get("/me", Me)).id == elena.account.me.id


async def test_a_provider_that_is_down_is_said_to_be_and_the_password_still_works(
    server: Server, provider: IdentityProvider
) -> None:
    elena = await staff(server, "Elena", HOUSE, "therapist")
    api = Api(server.address)
    back = await returned(api, "elena-down")
    provider.stop()
    try:
        error = await refused(api, back)
        assert (error.code, error.status) == ("sso_down", 503)
        with pytest.raises(ApiError) as begun:
            await api.post("/sso/begin", SsoBegin(provider="riverside"), SsoAddress)
        assert begun.value.code == "sso_down"
        root = vaults.password_root(PASSWORD, await api.login_parameters(elena.email))
        assert (await api.sign_in(elena.email, root.auth)).id == elena.account.me.id
    finally:
        provider.start()

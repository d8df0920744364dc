"""The demonstration: seeded through the public interface, twice with one result."""

from __future__ import annotations

import pytest

from client import account as accounts
from client.account import Account
from client.api import Api
from client.demonstration import STORY
from client.threads import list_threads, open_thread
from crypto.tables import ContentType
from people import demo
from tests.server import Server
from wire.people import DemoCast, PatientsPage
from wire.scheduling import Hours

pytestmark = pytest.mark.server


async def play(server: Server, window: str) -> Account:
    return await accounts.sign_in(
        Api(server.address), email=f"{window}@demo.consilium", password=demo.PASSWORD, label=window
    )


async def test_it_works(live_server_process: Server) -> None:
    for _ in range(2):
        live_server_process.manage("seed_demo", "--base-url", live_server_process.address)
    offered = await Api(live_server_process.address).get("/demo/cast", DemoCast)
    assert [one.window for one in offered.people] == [one.window for one in demo.CAST]
    elena = await play(live_server_process, "therapist")
    caseload = await elena.api.get("/patients", PatientsPage)
    assert [(one.name, one.fp is not None) for one in caseload.patients] == [
        ("Jonas Weber", False),
        ("Maya Lindqvist", True),
    ]
    threads = await list_threads(elena)
    assert len(threads) == 1
    for window in ("therapist", "coordinator", "patient"):
        thread = await open_thread(await play(live_server_process, window), threads[0].id)
        told = [one.text for one in await thread.read() if one.ctype == ContentType.TEXT]
        assert told == [text for _, text in STORY]
    for window in ("psychiatrist", "outsider"):
        assert await list_threads(await play(live_server_process, window)) == []
    assert (await elena.api.get("/me/hours", Hours)).rows


def test_it_is_refused_where_there_is_no_demonstration(live_server_process: Server) -> None:
    live_server_process.environment["CONSILIUM_DEMO"] = "false"
    with pytest.raises(RuntimeError, match="the demonstration's password is public"):
        live_server_process.manage("seed_demo", "--base-url", live_server_process.address)
    live_server_process.environment["CONSILIUM_DEMO"] = "true"

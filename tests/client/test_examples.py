"""The examples do what they say, against a running server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.communication import Communication

from client import account as accounts
from client.api import Api
from client.device import Device, open_device
from examples import bridge, load, robot, stranger
from tests.client.people import PASSWORD
from tests.client.test_threads import begin, post, texts
from tests.server import Server

pytestmark = pytest.mark.server


async def test_a_robot_answers_each_question_once_although_it_is_killed(
    live_server_process: Server, tmp_path: Path
) -> None:
    case = await begin(live_server_process)
    for turn in range(2):
        await post(case.maya, case.thread, "On call?")
        device = await open_device(
            live_server_process.address, email=case.elena.email, password=PASSWORD, outbox=tmp_path / "robot"
        )
        async with device:
            answering = asyncio.create_task(robot.answer(device, "Dr Marsh"))
            async with asyncio.timeout(30), Device(case.maya.account) as hers:
                seen = 0
                async for _, message in hers.arrivals():
                    seen += message.text == "Dr Marsh is on call."
                    if seen == turn + 1:
                        break
            answering.cancel()
        device.outbox.close()
    assert await texts(case.maya, case.thread) == ["On call?", "Dr Marsh is on call."] * 2


async def test_a_bridge_exports_a_thread_as_valid_fhir(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await post(case.elena, case.thread, "How did you sleep?")
    await post(case.maya, case.thread, "Better. 睡得好")
    made = bridge.bundle(case.thread, await case.thread.read())
    read = Bundle.model_validate(made)
    for entry in made["entry"]:
        Communication.model_validate(entry["resource"])
    resources = [entry["resource"] for entry in made["entry"]]
    assert read.type == "collection"
    assert [one["payload"][0]["contentString"] for one in resources] == ["How did you sleep?", "Better. 睡得好"]
    assert [one["sender"]["display"] for one in resources] == ["Elena", "Maya"]


async def test_a_load_generator_finds_every_message_it_sent(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    other = await accounts.sign_in(Api(live_server_process.address), email=case.elena.email, password=PASSWORD)
    figures = await load.load([case.elena.account, other], case.thread.id, 10)
    assert figures["messages"] == 10 and figures["p50_ms"] <= figures["p99_ms"]
    assert len(await texts(case.maya, case.thread)) == 10


async def test_a_client_written_from_the_page_alone_hears_every_message_in_order(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    address = live_server_process.address
    await post(case.maya, case.thread, "Before the stranger came.")
    async with httpx.AsyncClient(base_url=address) as http:
        one = stranger.Stranger(http, address)
        await one.sign_in(case.elena.email, PASSWORD)
        heard = one.messages()
        async with asyncio.timeout(60):
            assert [(await anext(heard)).seq] == [1]
            for number in range(3):
                await post(case.maya, case.thread, f"word {number}")
            found = [await anext(heard) for _ in range(3)]
        assert [message.seq for message in found] == [2, 3, 4]
        assert [message.wire for message in found] == [row.wire for row in (await case.thread.fetch(1)).messages]
        await heard.aclose()

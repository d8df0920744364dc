"""A server that lies to the headless client is caught by name, whatever it leaves out, repeats, changes or makes up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from client import account as accounts
from client.account import Account
from client.api import Api
from client.device import Device
from client.threads import Opened, Thread, open_thread
from config.environment import ROOT
from crypto.errors import Ct1Error
from tests.adversary.lies import LIES, Lie, Shown
from tests.adversary.scene import WORDS, Scene
from tests.adversary.stage import Stage
from tests.client.people import PASSWORD
from tests.server import Server

pytestmark = pytest.mark.server
ARRIVES_S = 30.0


@pytest.fixture(scope="module")
def stage(live_server_process: Server) -> Iterator[Stage]:
    stage = Stage(live_server_process)
    yield stage
    stage.close()


async def sign_in(scene: Scene) -> Account:
    """Maya on a new device, behind the proxy."""
    return await accounts.sign_in(Api(scene.proxy.address), email=scene.maya.email, password=PASSWORD)


async def look(scene: Scene, account: Account) -> Thread:
    thread = await open_thread(account, scene.thread)
    assert [(one.text, one.code, one.gap) for one in await thread.read()][:3] == [(text, "", False) for text in WORDS]
    await account.keep_pins()
    return thread


def told(stage: Stage, lie: Lie, scene: Scene) -> list[Opened]:
    """What Maya's client makes of a lie: the lines that it shows, or the Ct1Error that stops it."""
    held: Account | None = None
    thread: Thread | None = None
    if lie.after_a_look:
        held = stage.proxy.run(sign_in(scene))
        thread = stage.proxy.run(look(scene, held))
    stage.tell(lie, scene)
    return stage.proxy.run(read(scene, held, thread))


async def read(scene: Scene, held: Account | None, thread: Thread | None) -> list[Opened]:
    account = held or await sign_in(scene)
    await account.load_pins()
    if thread is not None:
        await thread.read()
    return await (await open_thread(account, scene.thread)).read()


@pytest.mark.parametrize("lie", [one for one in LIES if not one.is_pushed], ids=lambda one: one.name)
def test_a_lie_is_caught_by_its_name(stage: Stage, lie: Lie) -> None:
    scene = stage.scene_for(lie)
    if lie.shown in (Shown.STOPPED, Shown.SHUT):
        with pytest.raises(Ct1Error) as caught:
            told(stage, lie, scene)
        assert caught.value.code == lie.code
        return
    lines = told(stage, lie, scene)
    assert {one.code for one in lines} == ({""} if lie.shown == Shown.GAP else {"", lie.code} - blank(lie))
    assert any(one.gap for one in lines) or lie.shown == Shown.LINE


def blank(lie: Lie) -> set[str]:
    """Where all messages are under one key or one branch of the log, none of them opens."""
    return {""} if lie.name in ("seals_its_own", "withholds_seals", "forks_among_members") else set()


@pytest.mark.parametrize("lie", [one for one in LIES if one.is_pushed], ids=lambda one: one.name)
def test_a_push_that_lies_is_caught_by_its_name(stage: Stage, lie: Lie) -> None:
    scene = stage.scene_for(lie)

    async def play() -> str:
        account = await sign_in(scene)
        async with asyncio.timeout(ARRIVES_S), Device(account) as device:
            device.thread(scene.thread)
            arrivals = device.arrivals()
            async for _, opened in arrivals:
                if opened.text == WORDS[-1]:
                    break
            await asyncio.to_thread(stage.tell, lie, scene)
            await asyncio.to_thread(stage.elena_writes, scene)
            async for _, opened in arrivals:
                if opened.code:
                    return opened.code
        raise AssertionError("nothing came")

    assert stage.proxy.run(play()) == lie.code


def test_an_honest_server_is_believed(stage: Stage) -> None:
    scene = stage.scene_for(LIES[0])
    stage.proxy.run(look(scene, stage.proxy.run(sign_in(scene))))


def test_every_lie_and_its_code_stand_in_the_threat_model() -> None:
    page = (ROOT / "docs/threat-model.md").read_text()
    assert [one.what for one in LIES if f"| {one.what} | `{one.code}` |" not in page] == []
    assert page.count("| `E_") == len(LIES)

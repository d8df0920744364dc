"""The demonstration's story, played through the public interface as its people would.

`python -m client.demonstration` reads a Script as JSON from standard input; `manage.py seed_demo` starts it. It is a
program of its own because it opens messages, which no part of the server may.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field

from client import account as accounts
from client import consent
from client.account import Account
from client.api import Api
from client.errors import ApiError, Unreachable, Untrusted
from client.live import Live
from client.threads import Thread, create_thread, list_threads, open_thread
from crypto.errors import Ct1Error
from crypto.primitives import random_bytes
from crypto.tables import Action, ContentType, HistoryKind
from wire.base import Body, b64
from wire.people import (
    CareTeamPerson,
    JoinCareTeam,
    NewPatient,
    PatientEnrolment,
    PatientOut,
    PatientsPage,
)
from wire.scheduling import Hours, HoursRow

ZONE = "America/New_York"
SUBJECT = "Sleep, panic at work, and what comes next"
STORY = (
    (
        "therapist",
        "Maya and I met today for our eighth session. The panic at work has eased: two episodes since we last wrote, "
        "both on the train, both over within ten minutes, and she stayed on the train each time. Sleep is still the "
        "hard part. She falls asleep around two, wakes before six and lies there going through the day ahead.",
    ),
    (
        "therapist",
        "We agreed on three things until next Thursday: the breathing exercise before boarding, no work mail after "
        "nine in the evening, and a short sleep diary. Maya, if the diary becomes one more chore, leave it out for a "
        "day and tell me. It is meant to help you, not to be handed in.",
    ),
    (
        "patient",
        "Thank you for writing it down like this. The breathing does help on the train. I skipped the diary on Sunday "
        "because I was at my sister's, but I have the other days. I am a bit worried about the review with my manager "
        "on the 2nd, that is when it started last time.",
    ),
    (
        "coordinator",
        "I spoke with the occupational health office: a phased return, four days a week through January, is possible "
        "if we send them a short letter by the 30th. I can draft it and show it to you first, Maya. Nothing goes out "
        "before you have read it.",
    ),
    (
        "therapist",
        "Good, please do, Tom. On sleep I would like a psychiatrist's view before we try anything else: the early "
        "waking has lasted eleven weeks now. I know Dr. Okafor at Northgate and would ask him in, if Maya agrees. "
        "Maya, you would see what he may read, and you can say no.",
    ),
    ("patient", "Yes, I think that would be good. I would like to see what he gets to read before I sign it."),
)
EVERYTHING = consent.WORKING | int(Action.ADMIT)
SEED_SECONDS = 240


class Player(Body):
    """One of the cast; `code` is a one-time code where there is no account yet."""

    window: str
    name: str
    email: str
    code: str
    second_factor: str = ""


class Script(Body):
    """What the story needs to know: where the server is, and who plays."""

    base_url: str
    password: str
    staff: list[Player]
    patient: Player
    is_patient_new: bool


@dataclass
class Stage:
    """Who is signed in, by the name of their window."""

    script: Script
    people: dict[str, Account] = field(default_factory=dict)

    async def enter(self, one: Player, code: str) -> Account:
        """Signs a person in, or up when there is a code for them."""
        api, password = Api(self.script.base_url), self.script.password
        if code:
            account, _ = await accounts.sign_up(
                api, email=one.email, password=password, name=one.name, enrolment_code=code, label="demonstration"
            )
        else:
            account = await accounts.sign_in(
                api, email=one.email, password=password, label="demonstration", second_factor=one.second_factor
            )
        self.people[one.window] = account
        return account

    async def leave(self) -> None:
        for account in self.people.values():
            await account.api.sign_out()
            await account.api.close()


async def play(script: Script) -> None:
    """Brings the demonstration to its beginning; whatever is there already is left as it is."""
    stage = Stage(script)
    try:
        for one in script.staff:
            await stage.enter(one, one.code)
        elena, tom = stage.people["therapist"], stage.people["coordinator"]
        maya_record = await take_into_care(elena, script.patient.name, "1991-03-14")
        code = await new_code(elena, maya_record) if script.is_patient_new else ""
        maya = await stage.enter(script.patient, code)
        await take_into_care(elena, "Jonas Weber", "1978-09-02")
        team = f"/patients/{b64(maya_record.id)}/care-team"
        await elena.api.post(team, JoinCareTeam(user=tom.me.id), CareTeamPerson)
        for clinician in (elena, tom):
            await permit(maya, clinician)
        await write_thread(stage, maya_record)
        for account in stage.people.values():
            await set_hours(account)
    finally:
        await stage.leave()


async def set_hours(account: Account) -> None:
    """Weekdays from nine to five with a break at noon, where the person works."""
    rows = [
        HoursRow(weekday=day, start=start, until=until)
        for day in range(5)
        for start, until in ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
    ]
    await account.api.put("/me/hours", Hours(zone=account.me.zone, rows=rows, buffer=5), Hours)


async def find_patient(clinician: Account, name: str) -> PatientOut | None:
    """The patient of this name in one's caseload."""
    page = await clinician.api.get("/patients", PatientsPage)
    return next((one for one in page.patients if one.name == name), None)


async def take_into_care(clinician: Account, name: str, birth_date: str) -> PatientOut:
    """The patient, enrolled if need be."""
    found = await find_patient(clinician, name)
    if found is not None:
        return found
    body = NewPatient(id=random_bytes(16), name=name, birth_date=birth_date, zone=ZONE)
    return (await clinician.api.post("/patients", body, PatientEnrolment)).patient


async def new_code(clinician: Account, patient: PatientOut) -> str:
    path = f"/patients/{b64(patient.id)}/enrolment"
    return (await clinician.api.post(path, None, PatientEnrolment)).enrolment_code


async def permit(maya: Account, clinician: Account) -> None:
    """Maya permits a clinician of her care team, unless her permission stands."""
    fp = clinician.vault.identity.fp
    given = await consent.directives(maya)
    if any(one.grantee == fp and one.effect == "permit" for one in given.directives):
        return
    post = clinician.me.posts[0]
    wish = consent.Permission(
        grantee_fp=fp,
        grantee_name=f"{clinician.me.name} ({post.organisation_name})",
        actions=EVERYTHING,
        history=HistoryKind.ALL,
        lasts_ms=180 * 86_400_000,
    )
    await consent.sign_permission(maya, wish)


async def write_thread(stage: Stage, patient: PatientOut) -> None:
    """The first thread: Elena begins it, Tom is asked in, and the story is told as far as it is not told yet."""
    elena, tom = stage.people["therapist"], stage.people["coordinator"]
    record = await find_patient(elena, patient.name)
    if record is None:
        raise ApiError("not_found", "the patient is not in the caseload")
    mine = [one for one in await list_threads(elena) if one.patient == record.id]
    thread = Thread(elena, mine[0].id) if mine else await create_thread(elena, record, for_emergencies=True)
    await thread.tend()
    if tom.me.id not in thread.state.members:
        post = tom.me.posts[0]
        reason = "Tom coordinates Maya's care at Riverside."
        await thread.invite(tom.me.id, post.role, EVERYTHING, HistoryKind.ALL, reason)
        await thread.tend()
    told = await thread.read()
    if not any(one.ctype == ContentType.SUBJECT for one in told):
        await say(elena, thread.id, SUBJECT, ContentType.SUBJECT)
    spoken = sum(one.ctype == ContentType.TEXT for one in told)
    for window, text in STORY[spoken:]:
        await say(stage.people[window], thread.id, text, ContentType.TEXT)


async def say(account: Account, thread_id: bytes, text: str, ctype: ContentType) -> None:
    thread = await open_thread(account, thread_id)
    await thread.read()
    async with Live(account.api) as live:
        await thread.post(live, text, ctype=ctype)


def main() -> int:
    """Plays the script on standard input; 1 and one line on standard error when it cannot be played."""
    script = Script.model_validate_json(sys.stdin.read())
    try:
        asyncio.run(asyncio.wait_for(play(script), SEED_SECONDS))
    except (ApiError, Ct1Error, Unreachable, Untrusted, TimeoutError) as error:
        print(f"the demonstration could not be played: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

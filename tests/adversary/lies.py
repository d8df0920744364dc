"""Every lie that is told, what catches it, and how that shows: docs/threat-model.md repeats `what` and `code`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from client import account as accounts
from client import consent
from client.log import Batch
from client.renewal import rotate_keys
from client.threads import create_thread
from crypto.entries import Entry, MemberAdd
from crypto.keys import Identity, make_ukr, new_identity
from crypto.messages import Header
from crypto.primitives import random_bytes
from crypto.sealing import seal_epoch_key, seal_message
from crypto.tables import ContentType, EntryType, EpochReason, ErrorCode, HistoryKind, Role
from tests.adversary.scene import Scene, Story
from tests.client.people import PASSWORD
from tests.client.test_threads import let_in, post
from wire.messaging import MessageOut, SealOut, SignedLogEntry
from wire.people import KeptPins, LoginParameters, MyKeys, PatientsPage, PersonKeys, UkrBlob


class Shown(Enum):
    """Where the code stands: nothing of the thread is shown, one line is not, one line is missed, no sign-in."""

    STOPPED, LINE, GAP, SHUT = range(4)


Tell = Callable[[Scene, Story], Awaitable[None]]


@dataclass(frozen=True)
class Lie:
    """`tell` does what the server (and those in league with it) do, and changes the story that Maya is told."""

    what: str
    code: ErrorCode
    shown: Shown
    tell: Tell
    after_a_look: bool = False
    """Maya has opened the thread before, on this device."""
    is_pushed: bool = False
    """Told over the socket, while the thread is open; Elena writes then."""
    is_a_deed: bool = False
    """It takes people in, or renews keys: what comes after needs another scene."""

    @property
    def name(self) -> str:
        return self.tell.__name__


LIES: list[Lie] = []


def lie(what: str, code: ErrorCode, shown: Shown, **more: bool) -> Callable[[Tell], Tell]:
    def add(tell: Tell) -> Tell:
        LIES.append(Lie(what, code, shown, tell, **more))
        return tell

    return add


def in_order(wires: list[MessageOut]) -> list[MessageOut]:
    return [one.model_copy(update={"seq": seq}) for seq, one in enumerate(wires, 1)]


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def as_told(signed: Entry, by: Identity) -> SignedLogEntry:
    entry = signed.signed(by.sign_seed)
    return SignedLogEntry(body=entry.body, sig=entry.sig)


# What it says of messages.


@lie("leaves a message out and moves the rest up", "E_GAP", Shown.GAP)
async def omits(scene: Scene, story: Story) -> None:
    story.messages = in_order([story.messages[0], story.messages[2]])


@lie("gives a message a second place", "E_DUP", Shown.LINE)
async def repeats(scene: Scene, story: Story) -> None:
    story.messages = in_order([*story.messages, story.messages[0]])


@lie("exchanges two messages of one sender", "E_REPLAY", Shown.LINE)
async def reorders(scene: Scene, story: Story) -> None:
    story.messages = in_order([story.messages[1], story.messages[0], story.messages[2]])


@lie("changes a message", "E_SIG", Shown.LINE)
async def changes(scene: Scene, story: Story) -> None:
    last = story.messages[-1]
    story.messages[-1] = last.model_copy(update={"wire": flipped(last.wire, len(last.wire) - 100)})


async def forged(scene: Scene, epoch_key: bytes, *, by: Identity) -> MessageOut:
    """A message in Elena's name and the thread's right place, under any key and signed by anybody."""
    state, _, _ = await scene.elenas()
    assert state.epoch is not None
    header = Header(
        thread=scene.thread, epoch=state.epoch.number, sender=scene.elena.account.me.id, sender_gen=1,
        device=random_bytes(16), msg_id=random_bytes(16), ctr=1, log_seq=state.seq, log_head=state.head,
        seen=bytes(32), ts=accounts.now_ms(), ctype=ContentType.TEXT,
    )  # fmt: skip
    sealed = seal_message(header, b'{"text": "Take all of them."}', epoch_key, by)
    return MessageOut(seq=0, wire=sealed.wire, at=header.ts)


@lie("makes a message up in a member's name", "E_SIG", Shown.LINE)
async def invents(scene: Scene, story: Story) -> None:
    mallory = new_identity(scene.elena.account.me.id, 1, accounts.now_ms())
    story.messages = in_order([*story.messages, await forged(scene, random_bytes(32), by=mallory)])


@lie("has a member seal a message under a key that the log does not name", "E_KEY_COMMIT", Shown.LINE)
async def seals_otherwise(scene: Scene, story: Story) -> None:
    elena = scene.elena.account.vault.identity
    story.messages = in_order([*story.messages, await forged(scene, random_bytes(32), by=elena)])


@lie("moves a message here from another thread", "E_THREAD", Shown.LINE)
async def moves(scene: Scene, story: Story) -> None:
    other = await another_thread(scene)
    story.messages = in_order([*story.messages, *other.messages])


async def another_thread(scene: Scene) -> Story:
    record = (await scene.elena.api.get("/patients", PatientsPage)).patients[0]
    other = await create_thread(scene.elena.account, record)
    await other.tend()
    await post(scene.elena, other, "Elsewhere.")
    return await scene.truth_of(other.id)


@lie(
    "lets in what was sealed under an earlier key, in league with one who held it",
    "E_STALE_EPOCH",
    Shown.LINE,
    is_a_deed=True,
)
async def lets_back_in(scene: Scene, story: Story) -> None:
    before, _, keys = await scene.elenas()
    assert before.epoch is not None
    await let_in(scene.case, HistoryKind.ALL)
    await post(scene.elena, scene.case.thread, "With him.")
    now, _, _ = await scene.elenas()
    elena = scene.elena.account
    header = Header(
        thread=scene.thread, epoch=before.epoch.number, sender=elena.me.id, sender_gen=1, device=random_bytes(16),
        msg_id=random_bytes(16), ctr=1, log_seq=now.seq, log_head=now.head, seen=bytes(32), ts=accounts.now_ms(),
        ctype=ContentType.TEXT,
    )  # fmt: skip
    sealed = seal_message(header, b'{"text": "Old."}', keys[before.epoch.number], elena.vault.identity)
    told = await scene.truth()
    told.messages = in_order([*told.messages, MessageOut(seq=0, wire=sealed.wire, at=header.ts)])
    story.__dict__.update(told.__dict__)


# What it says of the log.


@lie("takes back entries of the log that were seen", "E_LOG_ROLLBACK", Shown.STOPPED, after_a_look=True)
async def rolls_back(scene: Scene, story: Story) -> None:
    story.log = story.log[:-1]


async def other_branch(scene: Scene, story: Story, epochs: int = 1) -> None:
    """Elena's client was made to sign two entries for one place: these, and the one that is in the true log."""
    last = len(story.log) - 1
    state, directory = await scene.state_at(last - 1)
    batch = Batch(state, directory, scene.elena.account.vault.identity, state.ts)
    for _ in range(epochs):
        batch.rotate(EpochReason.AGE)
    story.log = [*story.log[:last], *(SignedLogEntry(body=one.body, sig=one.sig) for one in batch.entries)]
    mine = [one for one in batch.seals if one.user == scene.maya.account.me.id]
    story.seals = [*story.seals, *(SealOut(epoch=one.epoch, blob=one.blob) for one in mine)]


@lie("goes on with another log than the one that this device holds", "E_LOG_PREV", Shown.STOPPED, after_a_look=True)
async def goes_on_otherwise(scene: Scene, story: Story) -> None:
    await other_branch(scene, story, epochs=2)


@lie("shows one device another log than it showed this person's others", "E_LOG_FORK", Shown.STOPPED)
async def forks(scene: Scene, story: Story) -> None:
    await other_branch(scene, story)


@lie("shows one member another log than those who write to them", "E_LOG_FORK", Shown.LINE)
async def forks_among_members(scene: Scene, story: Story) -> None:
    await other_branch(scene, story)
    # To one who begins here: whoever has seen the other log before is told at once.
    story.pins = KeptPins(pins=None)


@lie("leaves an entry out of the log", "E_LOG_SEQ", Shown.STOPPED)
async def drops_an_entry(scene: Scene, story: Story) -> None:
    del story.log[1]


@lie("exchanges two entries", "E_LOG_SEQ", Shown.STOPPED)
async def exchanges_entries(scene: Scene, story: Story) -> None:
    story.log[1], story.log[2] = story.log[2], story.log[1]


@lie("puts an entry of its own between two others", "E_LOG_PREV", Shown.STOPPED)
async def puts_in_between(scene: Scene, story: Story) -> None:
    state, _ = await scene.state_at(1)
    elena = scene.elena.account
    entry = Entry(scene.thread, 1, random_bytes(32), elena.me.id, 1, state.ts, EntryType.CLOSE, b"\x01")
    story.log.insert(1, as_told(entry, new_identity(elena.me.id, 1, 0)))


@lie("changes an entry", "E_SIG", Shown.STOPPED)
async def changes_an_entry(scene: Scene, story: Story) -> None:
    last = story.log[-1]
    story.log[-1] = last.model_copy(update={"body": flipped(last.body, len(last.body) - 1)})


@lie("answers with the log of another thread", "E_THREAD_ID", Shown.STOPPED)
async def swaps_the_log(scene: Scene, story: Story) -> None:
    other = await another_thread(scene)
    story.log, story.people, story.seals = other.log, other.people, other.seals


def added(scene: Scene, seq: int, prev: bytes, ts: int, by: Identity) -> SignedLogEntry:
    stranger = scene.case.samuel.account
    add = MemberAdd(stranger.me.id, stranger.vault.identity.fp, Role.PSYCHIATRIST, random_bytes(16), 1)
    entry = Entry(scene.thread, seq, prev, by.user, by.gen, ts, EntryType.MEMBER_ADD, add.encode())
    return as_told(entry, by)


@lie("adds a member in another member's name", "E_SIG", Shown.STOPPED)
async def adds_a_member(scene: Scene, story: Story) -> None:
    state, _, _ = await scene.elenas()
    mallory = new_identity(scene.elena.account.me.id, 1, accounts.now_ms())
    story.log.append(added(scene, state.seq + 1, state.head, state.ts, mallory))


@lie("has a member add somebody whom the patient never permitted", "E_NO_GRANT", Shown.STOPPED)
async def adds_without_permission(scene: Scene, story: Story) -> None:
    state, _, _ = await scene.elenas()
    elena = scene.elena.account.vault.identity
    story.people = [*story.people, *await keys_of_samuel(scene)]
    story.log.append(added(scene, state.seq + 1, state.head, state.ts, elena))


@lie("has one who is no member write in the log", "E_NOT_MEMBER", Shown.STOPPED)
async def admits_an_author(scene: Scene, story: Story) -> None:
    state, _, _ = await scene.elenas()
    samuel = scene.case.samuel.account.vault.identity
    story.people = [*story.people, *await keys_of_samuel(scene)]
    story.log.append(added(scene, state.seq + 1, state.head, state.ts, samuel))


async def keys_of_samuel(scene: Scene) -> list[PersonKeys]:
    samuel = scene.case.samuel
    stored = await samuel.api.get("/keys/mine", MyKeys)
    me = samuel.account.me
    return [
        PersonKeys(user=me.id, name=me.name, kind="staff", bundles=stored.bundles, certificates=stored.certificates)
    ]


@lie("keeps a withdrawal back, and delivers what was written after it", "E_LOG_BEHIND", Shown.LINE, is_a_deed=True)
async def withholds_a_withdrawal(scene: Scene, story: Story) -> None:
    await let_in(scene.case, HistoryKind.ALL)
    await post(scene.case.samuel, scene.case.thread, "I am here.")
    frozen = await scene.truth()
    pins = await scene.maya.api.get("/keys/pins", KeptPins)
    await consent.withdraw(scene.maya.account, grantee_fp=scene.case.samuel.account.vault.identity.fp)
    await post(scene.elena, scene.case.thread, "Without him.")
    now = await scene.truth()
    # It gives back the older pins, too: else they alone would stop the thread.
    frozen.messages, frozen.pins = now.messages, pins
    story.__dict__.update(frozen.__dict__)


# What it says of keys.


@lie("shows another key in a member's place", "E_SIG", Shown.STOPPED)
async def swaps_a_key(scene: Scene, story: Story) -> None:
    user = scene.elena.account.me.id
    ukr = make_ukr(new_identity(user, 1, accounts.now_ms()), accounts.now_ms())
    theirs = [UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig)]
    story.people = [one.model_copy(update={"bundles": theirs}) if one.user == user else one for one in story.people]


@lie("keeps a member's key back", "E_UNKNOWN_KEY", Shown.STOPPED)
async def withholds_a_key(scene: Scene, story: Story) -> None:
    story.people = [one for one in story.people if one.user != scene.elena.account.me.id]


@lie("keeps a member's certificates back", "E_CERT", Shown.STOPPED)
async def withholds_certificates(scene: Scene, story: Story) -> None:
    story.people = [one.model_copy(update={"certificates": []}) for one in story.people]


@lie("seals a key of its own to a reader", "E_KEY_COMMIT", Shown.LINE)
async def seals_its_own(scene: Scene, story: Story) -> None:
    maya = scene.maya.account.vault.identity
    blob = seal_epoch_key(random_bytes(32), scene.thread, 1, maya.user, maya.box_pk)
    story.seals = [one.model_copy(update={"blob": blob}) if one.epoch == 1 else one for one in story.seals]


@lie("keeps a reader's keys back", "E_SEAL_MISSING", Shown.LINE)
async def withholds_seals(scene: Scene, story: Story) -> None:
    story.seals = []


@lie("gives back an older keyring", "E_KEYRING_ROLLBACK", Shown.SHUT, is_a_deed=True)
async def gives_an_older_keyring(scene: Scene, story: Story) -> None:
    before = await scene.maya.api.get("/keys/mine", MyKeys)
    await rotate_keys(scene.maya.account, password=PASSWORD)
    after = await scene.maya.api.get("/keys/mine", MyKeys)
    story.mine = after.model_copy(update={"keyring": before.keyring})


@lie("loses what a person's devices have seen", "E_LOG_ROLLBACK", Shown.STOPPED, after_a_look=True)
async def loses_the_pins(scene: Scene, story: Story) -> None:
    story.pins = KeptPins(pins=None)


@lie("asks for a password made cheap to guess", "E_KDF_WEAK", Shown.SHUT)
async def asks_for_a_cheap_password(scene: Scene, story: Story) -> None:
    story.parameters = LoginParameters(salt=random_bytes(16), t=1, m=8192)


@lie("asks for work that no device can do", "E_KDF_DOS", Shown.SHUT)
async def asks_for_endless_work(scene: Scene, story: Story) -> None:
    story.parameters = LoginParameters(salt=random_bytes(16), t=3, m=2**31)


# What it says over the socket.


@lie("pushes a message that it has changed", "E_SIG", Shown.LINE, after_a_look=True, is_pushed=True)
async def pushes_a_change(scene: Scene, story: Story) -> None:
    story.pushed = lambda wire: flipped(wire, len(wire) - 100)


@lie("pushes an old message as a new one", "E_DUP", Shown.LINE, after_a_look=True, is_pushed=True)
async def pushes_a_repetition(scene: Scene, story: Story) -> None:
    first = story.messages[0].wire
    story.pushed = lambda wire: first

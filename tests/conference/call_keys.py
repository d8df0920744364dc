"""A participant's side of a call's keys, as the browser's vault does it (docs/protocol.md 3.8, 4.5)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from client.threads import Thread
from crypto.conference import (
    Join,
    leads,
    make_notice,
    open_call_key,
    seal_call_key,
    sign_join,
    sign_notice,
    verify_join,
    verify_notice,
)
from crypto.encoding import Reader, Writer
from crypto.errors import Ct1Error
from crypto.guards import check_join, check_notice
from crypto.primitives import box_pair, random_bytes
from wire.conference import KeySeal, RoomKey, RoomKeys, RoomPerson


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def signed(body: bytes, sig: bytes) -> bytes:
    return Writer().v16(body).fixed(sig, 64).done()


def split_signed(raw: bytes) -> tuple[bytes, bytes]:
    reader = Reader(raw)
    body, sig = reader.v16(), reader.fixed(64)
    reader.done()
    return body, sig


@dataclass(frozen=True)
class InUse:
    """A key of the call, with exactly those whom it is for."""

    n: int
    ck: bytes
    joins: tuple[Join, ...]

    @property
    def users(self) -> frozenset[bytes]:
        return frozenset(join.user for join in self.joins)


class CallKeys:
    """The keys of one device in one call; `thread` must be synced."""

    def __init__(self, thread: Thread, room: bytes) -> None:
        account = thread.account
        self._thread, self._room, self._identity = thread, room, account.vault.identity
        self._seed = random_bytes(32)
        state = thread.state
        self.mine = Join(
            state.thread_id, room, account.me.id, self._identity.fp, account.api.device,
            box_pair(self._seed).public, state.head, now_ms(),
        )  # fmt: skip
        self.join = signed(self.mine.encode(), sign_join(self.mine, self._identity))
        self.present: tuple[Join, ...] = ()
        self.in_use: InUse | None = None
        self._counted = 0
        self._last_by: dict[bytes, int] = {}
        self._early: list[RoomKeys] = []

    def roster(self, people: Sequence[RoomPerson], epoch: int) -> RoomKey | None:
        """Takes the roster; what to send when this device leads and the people have changed."""
        self.present = tuple(
            self._verified(one) for one in people if one.state == "connected" and one.device and one.join
        )
        self._early = [frame for frame in self._early if not self.take(frame)]
        held = {join.e_pk for join in self.in_use.joins} if self.in_use else set()
        changed = held != {join.e_pk for join in self.present}
        return (
            self._rekey(epoch) if changed and self.mine in self.present and leads(self.present) == self.mine else None
        )

    def _verified(self, person: RoomPerson) -> Join:
        assert person.join is not None
        body, sig = split_signed(person.join)
        ukr = self._thread.directory.ukr(_fp_in(body))
        join = verify_join(body, sig, ukr, self._thread.id, self._room)
        check_join(join, self._thread.state, now_ms())
        if (join.user, join.device) != (person.user, person.device):
            raise Ct1Error("E_CONF", "a join of somebody else")
        return join

    def _rekey(self, epoch: int) -> RoomKey:
        n = self._counted = max(self._counted + 1, now_ms() // 1000)
        ck = random_bytes(32)
        notice = make_notice(self.mine, n, ck, self.present)
        others = [join for join in self.present if join != self.mine]
        seals = [KeySeal(user=join.user, device=join.device, sealed=seal_call_key(ck, n, join)) for join in others]
        self.in_use = InUse(n, ck, self.present)
        commitment = signed(notice.encode(), sign_notice(notice, self._identity))
        return RoomKey(id=random_bytes(16), room=self._room, epoch=epoch, n=n, commitment=commitment, seals=seals)

    def take(self, frame: RoomKeys) -> bool:
        """Whether the key could be verified and opened; one that overtook its roster is kept for it."""
        body, sig = split_signed(frame.commitment)
        leader = next((join for join in self.present if join.device == frame.leader_device), None)
        try:
            if leader is None:
                raise Ct1Error("E_CONF", "the leader is not here")
            notice = verify_notice(body, sig, self._thread.directory.ukr(leader.fp), self._thread.id, self._room)
            check_notice(notice, self.present, self._last_by.get(leader.rank, 0))
            ck = open_call_key(frame.sealed, self._seed, notice, self.mine)
        except Ct1Error as error:
            if error.code == "E_CONF" and frame not in self._early:
                self._early.append(frame)
            return False
        self._last_by[leader.rank] = notice.n
        self.in_use = InUse(notice.n, ck, self.present)
        return True


def _fp_in(join: bytes) -> bytes:
    """The fingerprint that a join claims."""
    reader = Reader(join, "CT1:conf-join")
    reader.fixed(32), reader.fixed(16), reader.fixed(16)
    return reader.fixed(32)


def people_of(frame: Mapping[str, object]) -> list[RoomPerson]:
    """The people of a `room.state` frame as it came."""
    listed = frame["people"]
    assert isinstance(listed, list)
    return [RoomPerson.model_validate(one) for one in listed]


def keys_of(frame: Mapping[str, object]) -> RoomKeys:
    return RoomKeys.model_validate(dict(frame))

"""Keys of a call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crypto.conference import Join, call_commitment, make_notice, sign_join, sign_notice
from crypto.encoding import Writer
from crypto.log import replay
from crypto.primitives import box_pair, domain
from crypto.tables import Action, Label
from tests.vectors.cast import NOW, T0, Log, Person, Stream, World, fixed_seal
from tests.vectors.families.case import Case, changed, flipped
from tests.vectors.families.logs import log_given


class Call:
    """Elena and Maya in a call about Maya's thread, of which Tom may read and not join."""

    def __init__(self) -> None:
        self.world, self.rng = World(), Stream("calls")
        self.log = Log(self.world, "calls").open()
        self.log.add("elena", "tom", self.log.permit("tom", actions=int(Action.READ)))
        self.log.epoch("elena", "elena", "maya", "tom")
        self.entries = self.log.entries()
        self.state = replay(self.entries, self.world.directory(), NOW)
        self.conf_id, self.ck = self.rng(16), self.rng(32)
        self.seeds = {name: self.rng(32) for name in ("elena", "maya", "tom", "chidi")}
        self.joins = {name: self.join(name) for name in self.seeds}
        self.present = [self.joins["elena"], self.joins["maya"]]
        self.leader = min(("elena", "maya"), key=lambda name: self.joins[name].rank)
        self.other = "maya" if self.leader == "elena" else "elena"

    def join(self, name: str) -> Join:
        person, e_pk = self.world[name], box_pair(self.seeds[name]).public
        thread, head = self.state.thread_id, self.state.head
        return Join(thread, self.conf_id, person.user, person.fp, self.rng(16), e_pk, head, T0 + 60_000)

    @property
    def place(self) -> dict[str, str]:
        return {"thread": self.state.thread_id.hex(), "conf_id": self.conf_id.hex()}


def ukr_json(person: Person) -> dict[str, str]:
    return {"body": person.ukr.body.hex(), "pop": person.ukr.pop.hex()}


def calls() -> list[Case]:
    call = Call()
    return [*_joins(call), *_guards(call), *_notices(call), *_keys(call)]


def _joins(call: Call) -> list[Case]:
    join, elena = call.joins["elena"], call.world["elena"]
    body, sig = join.encode(), sign_join(join, elena.identity)
    good = Case("a join", "join", {"body": body.hex(), "sig": sig.hex(), "ukr": ukr_json(elena), **call.place})
    return [
        good,
        changed(good, "a join of another call", "E_CONF", conf_id=bytes(16).hex()),
        changed(good, "a join of another thread", "E_CONF", thread=bytes(32).hex()),
        changed(good, "a join in another's name", "E_CONF", ukr=ukr_json(call.world["maya"])),
        changed(good, "a join with another key", "E_SIG", body=replace(join, e_pk=bytes(32)).encode().hex()),
        changed(good, "a join that another signed", "E_SIG", sig=sign_join(join, call.world["maya"].identity).hex()),
        changed(good, "a join cut short", "E_ENC", body=body[:-1].hex()),
        changed(good, "a join of another version", "E_VERSION", body=flipped(body, 1 + len(Label.CONF_JOIN)).hex()),
    ]


def _guards(call: Call) -> list[Case]:
    given = log_given(call.world, call.entries)

    def case(name: str, join: Join, expect: str = "ok") -> Case:
        return Case(f"may join: {name}", "join_guard", {**given, "body": join.encode().hex()}, expect)

    return [
        case("the clinician", call.joins["elena"]),
        case("the patient", call.joins["maya"]),
        case("one who may read alone", call.joins["tom"], "E_SCOPE"),
        case("an outsider", call.joins["chidi"], "E_NOT_MEMBER"),
        case("another key of a member", replace(call.joins["elena"], fp=bytes(32)), "E_NOT_MEMBER"),
        case("one who sees another log", replace(call.joins["elena"], log_head=bytes(32)), "E_LOG_BEHIND"),
    ]


def _notice(call: Call, name: str, by: str, n: int, present: list[Join], expect: str = "ok", **changes: Any) -> Case:
    leader = call.world[by]
    notice = make_notice(call.joins[by], n, call.ck, present)
    given: dict[str, Any] = {"body": notice.encode().hex(), "sig": sign_notice(notice, leader.identity).hex()}
    joins = [join.encode().hex() for join in call.present]
    given = {**given, "ukr": ukr_json(leader), **call.place, "joins": joins, "last_n": 2, **changes}
    return Case(f"a call key: {name}", "notice", given, expect)


def _notices(call: Call) -> list[Case]:
    good = _notice(call, "the next", call.leader, 3, call.present)
    everybody = [*call.present, call.joins["chidi"]]
    return [
        good,
        _notice(call, "one of the past", call.leader, 2, call.present, "E_CONF"),
        _notice(call, "not by the leader", call.other, 3, call.present, "E_CONF"),
        _notice(call, "for one who is not there", call.leader, 3, everybody, "E_CONF"),
        _notice(call, "one is left out", call.leader, 3, call.present[:1], "E_CONF"),
        _notice(call, "nobody is there", call.leader, 3, call.present, "E_CONF", joins=[]),
        changed(good, "a call key of another call", "E_CONF", conf_id=bytes(16).hex()),
        changed(good, "a call key in another's name", "E_CONF", ukr=ukr_json(call.world[call.other])),
        changed(good, "a forged call key", "E_SIG", sig=bytes(64).hex()),
    ]


def _sealed(call: Call, n: int, e_pk: bytes, ck: bytes, to: bytes) -> str:
    place = Writer().fixed(call.state.thread_id, 32).fixed(call.conf_id, 16).u32(n).fixed(e_pk, 32).done()
    return fixed_seal(domain(Label.CONF_SEAL, place) + ck, to, call.rng).hex()


def _keys(call: Call) -> list[Case]:
    leader, join = call.world[call.leader], call.joins["maya"]
    notice = make_notice(call.joins[call.leader], 3, call.ck, call.present)
    signed = {"body": notice.encode().hex(), "sig": sign_notice(notice, leader.identity).hex()}
    carried = {**signed, "ukr": ukr_json(leader), **call.place}
    blob = _sealed(call, 3, join.e_pk, call.ck, join.e_pk)
    given = {"blob": blob, "e_seed": call.seeds["maya"].hex(), "notice": carried, "join": join.encode().hex()}
    good = Case("the key for one joiner", "call_seal", given)
    elena = call.joins["elena"]
    e_pks = [one.e_pk.hex() for one in call.present]
    frame = {"ck": call.ck.hex(), "user": join.user.hex(), "device": join.device.hex(), "n": 3}
    assert notice.commit == call_commitment(call.ck, call.state.thread_id, call.conf_id, 3)
    return [
        good,
        changed(good, "for another joiner", "E_SEAL", e_seed=call.seeds["elena"].hex()),
        changed(good, "sealed in another's name", "E_SEAL_CTX", blob=_sealed(call, 3, elena.e_pk, call.ck, join.e_pk)),
        changed(good, "of another number", "E_SEAL_CTX", blob=_sealed(call, 2, join.e_pk, call.ck, join.e_pk)),
        changed(good, "another key", "E_KEY_COMMIT", blob=_sealed(call, 3, join.e_pk, flipped(call.ck), join.e_pk)),
        changed(good, "a flipped bit", "E_SEAL", blob=flipped(bytes.fromhex(blob)).hex()),
        Case("a sender's frame key", "frame_key", frame),
        Case("what people compare", "phrase", {**call.place, "n": 3, "e_pks": e_pks}),
        Case("in whatever order they came", "phrase", {**call.place, "n": 3, "e_pks": e_pks[::-1]}),
    ]

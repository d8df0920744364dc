"""Who consents in a thread that is to begin, or to change hands: found out, certified, and never taken on trust."""

from __future__ import annotations

from collections.abc import Sequence

from client.account import Account, now_ms
from client.errors import Untrusted
from client.log import directory_of
from crypto.authority import Authorities, Authority
from crypto.compliance import ComplianceKey, SignedComplianceKey, verify_compliance_key
from crypto.tables import MIN_WITNESSES, AuthKind, Role
from wire.people import KeysQuestion, PatientOut, PeopleKeys, PersonKeys


async def authorities_of(
    account: Account, patient: PatientOut, acting: Sequence[bytes] = (), quorum: int = 1
) -> Authorities:
    """The people `acting` for a patient, or the patient, or witnesses; Untrusted or Ct1Error for a doubtful key."""
    if acting:
        people = await _certified(account, patient, acting, Role.REPRESENTATIVE)
        return Authorities(AuthKind.QUORUM if quorum > 1 else AuthKind.REPRESENTATIVE, people, quorum)
    if patient.account is None:
        return Authorities(AuthKind.WITNESSED, (), MIN_WITNESSES)
    return await own_key(account, patient)


async def compliance_key_of(account: Account, organisation: bytes) -> ComplianceKey | None:
    """The key that a new thread must name, by the pinned root's own word; E_COMPLIANCE, E_SIG for anybody else's."""
    offered = {one.id: one.compliance for one in (await account.api.config()).organisations}.get(organisation)
    if offered is None:
        return None
    roots = {one.id: one.root_pk for one in account.organisations}
    if organisation not in roots:
        raise Untrusted("the organisation was not here at sign-in")
    return verify_compliance_key(SignedComplianceKey(offered.body, offered.sig), organisation, roots[organisation])


async def own_key(account: Account, patient: PatientOut) -> Authorities:
    """The patient's own key."""
    if patient.account is None:
        raise Untrusted("the patient has no account yet")
    return Authorities(AuthKind.PATIENT, await _certified(account, patient, [patient.account], Role.PATIENT), 1)


async def _certified(
    account: Account, patient: PatientOut, users: Sequence[bytes], role: Role
) -> tuple[Authority, ...]:
    answer = await account.api.post("/people/keys", KeysQuestion(users=list(users)), PeopleKeys)
    known = {person.user: person for person in answer.people}
    if set(known) != set(users):
        raise Untrusted("the server shows no keys of somebody who would consent")
    made = (Authority(user, _newest_fp(account, patient, known[user], role)) for user in users)
    return tuple(sorted(made, key=lambda one: one.user + one.fp))


def _newest_fp(account: Account, patient: PatientOut, person: PersonKeys, role: Role) -> bytes:
    """A person's newest key, certified in this role by the root of the patient's own organisation."""
    directory = directory_of([person], account.root_pks)
    newest = max(directory.ukrs.values(), key=lambda ukr: ukr.gen, default=None)
    if newest is None or newest.user != person.user:
        raise Untrusted("the server shows no keys of this person")
    roots = {one.id: one.root_fp for one in account.organisations if one.id == patient.organisation}
    directory.certificate(newest.fp, newest.user, role, roots, now_ms())
    return newest.fp

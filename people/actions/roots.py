"""Organisations whose root is kept offline: the public half comes in, requests go out, certificates come back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from audit.actions import record
from crypto import keys
from crypto.compliance import ComplianceKey, SignedComplianceKey, parse_compliance_key, verify_compliance_key
from crypto.errors import Ct1Error
from crypto.tables import CertKind
from people.models import Certificate, Enrolment, KeyBundle, Organisation
from wire.errors import Conflict


@transaction.atomic
def import_root(name: str, kind: str, zone: str, root_pk: bytes) -> Organisation:
    """An organisation of whose root this server has the public half alone; Conflict for a root or name that is here."""
    fp = keys.OrgRoot(root_pk).fp
    if Organisation.objects.filter(fp=fp).exists() or Organisation.objects.filter(name=name).exists():
        raise Conflict("There is an organisation with this name or root.")
    made = Organisation.objects.create(name=name, kind=kind, zone=zone, root_pk=root_pk, fp=fp)
    record(actor=None, verb="organisation.add", patient=None, object_kind="organisation", object_id=made.pk.hex)
    return made


@transaction.atomic
def set_compliance_key(signed: SignedComplianceKey) -> tuple[Organisation, ComplianceKey]:
    """Takes in the key that every new thread about the organisation's patients will name; a repeat changes nothing.

    E_COMPLIANCE for an organisation that is not here, or a statement that is older than the one in use; E_SIG.
    """
    organisation = Organisation.objects.filter(pk=UUID(bytes=parse_compliance_key(signed.body).org)).first()
    if organisation is None:
        raise Ct1Error("E_COMPLIANCE", "the organisation is not here")
    key = verify_compliance_key(signed, organisation.pk.bytes, organisation.root_pk)
    known = compliance_key_of(organisation)
    if known is not None and known != key and key.ts <= known.ts:
        # Whoever finds an old statement must not bring back a key whose shares were given up.
        raise Ct1Error("E_COMPLIANCE", "the organisation has a newer compliance key")
    if known != key:
        organisation.compliance_body, organisation.compliance_sig = signed.body, signed.sig
        organisation.save(update_fields=["compliance_body", "compliance_sig"])
        _record_compliance(organisation, "set")
    return organisation, key


@transaction.atomic
def end_compliance_key(organisation: Organisation) -> None:
    """New threads name no key any more; those that do keep it, as their members were told."""
    organisation.compliance_body = organisation.compliance_sig = b""
    organisation.save(update_fields=["compliance_body", "compliance_sig"])
    _record_compliance(organisation, "end")


def _record_compliance(organisation: Organisation, change: str) -> None:
    record(
        actor=None,
        verb="compliance.key",
        patient=None,
        actor_org=organisation.pk,
        object_kind="organisation",
        object_id=organisation.pk.hex,
        detail={"change": change},
    )


def compliance_key_of(organisation: Organisation) -> ComplianceKey | None:
    """The key in use, or None."""
    return parse_compliance_key(organisation.compliance_body) if organisation.compliance_body else None


def waiting(organisation: Organisation) -> list[tuple[KeyBundle, Enrolment]]:
    """The newest keys, where this organisation has not certified them yet, of those who enrolled here.

    The longest here first.
    """
    used = Enrolment.objects.filter(organisation=organisation, used_by__isnull=False).order_by("used_at", "pk")
    found = []
    for enrolment in used.select_related("used_by", "patient"):
        bundle = KeyBundle.objects.filter(user=enrolment.used_by_id).select_related("user").order_by("gen").last()
        if bundle is not None and not Certificate.objects.filter(fp=bundle.fp, organisation=organisation).exists():
            found.append((bundle, enrolment))
    return found


@transaction.atomic
def import_certificates(certificates: Sequence[keys.SignedCertificate]) -> int:
    """Stores what an offline root has signed, and how many were new; all of them or none.

    E_CERT for a root or key that is not here, or a certificate of one organisation for another; E_SIG as it verifies.
    """
    stored = 0
    for signed in certificates:
        named = keys.parse_certificate(signed.body)
        organisation = Organisation.objects.filter(pk=UUID(bytes=named.org)).first()
        bundle = KeyBundle.objects.filter(fp=named.subject_fp, user_id=UUID(bytes=named.subject)).first()
        if organisation is None or bundle is None:
            raise Ct1Error("E_CERT", "the organisation or the key is not here")
        keys.verify_certificate(signed, organisation.root_pk)
        _, is_new = Certificate.objects.get_or_create(
            cert_id=named.cert_id,
            defaults={
                "organisation": organisation,
                "subject_id": bundle.user_id,
                "fp": bundle.fp,
                "kind": int(CertKind(named.kind)),
                "role_mask": named.role_mask,
                "body": signed.body,
                "sig": signed.sig,
                "nbf": named.nbf,
                "exp": named.exp,
            },
        )
        if is_new:
            stored += 1
            record(
                actor=None,
                verb="keys.certify",
                patient=None,
                actor_org=organisation.pk,
                object_kind="user",
                object_id=bundle.user_id.hex,
            )
    return stored

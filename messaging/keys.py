"""Public keys as CT1 reads them: verified once, kept by fingerprint, which can never mean another key."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from crypto.errors import Ct1Error
from crypto.keys import SignedCertificate, SignedUkr, Ukr
from crypto.log import Directory
from people.models import Certificate, KeyBundle, Organisation


def directory_of(users: Iterable[UUID]) -> Directory:
    """The verified key records and certificates of these people, under the roots of the organisations here."""
    ids = list(users)
    bundles = KeyBundle.objects.filter(user__in=ids).order_by("user", "gen")
    certificates = Certificate.objects.filter(subject__in=ids).order_by("pk")
    return Directory.build(
        [SignedUkr(row.ukr, row.pop, row.sig) for row in bundles],
        [SignedCertificate(row.body, row.sig) for row in certificates],
        list(Organisation.objects.values_list("root_pk", flat=True)),
    )


@lru_cache(maxsize=10_000)
def ukr_of(fp: bytes) -> Ukr:
    """The key record of a fingerprint; raises E_UNKNOWN_KEY."""
    user = KeyBundle.objects.filter(fp=fp).values_list("user_id", flat=True).first()
    if user is None:
        raise Ct1Error("E_UNKNOWN_KEY", "nobody here has that key")
    return directory_of([user]).ukr(fp)

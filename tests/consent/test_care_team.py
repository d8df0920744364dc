"""Who is on the care team is part of who may do what."""

from uuid import UUID

import pytest

from consent.access import decide_for, epoch_of
from consent.signals import consent_changed
from tests.cast import Cast
from tests.consent.signing import directive_body, permit
from wire.base import b64

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def test_one_who_leaves_the_care_team_is_out_at_once_and_the_apps_above_hear(cast: Cast) -> None:
    path = f"/patients/{b64(cast.patient.pk.bytes)}"
    cast.maya.http.post(f"{path}/directives", directive_body(cast, permit(cast, cast.tom)))
    assert decide_for(cast.tom.user, "thread.read", cast.patient.pk).permit
    heard: list[tuple[UUID, int]] = []

    def listen(patient_id: UUID, epoch: int, **_: object) -> None:
        heard.append((patient_id, epoch))

    consent_changed.connect(listen)
    try:
        status, _ = cast.elena.http.delete(f"{path}/care-team/{b64(cast.tom.id)}")
    finally:
        consent_changed.disconnect(listen)
    assert status == 200
    assert heard == [(cast.patient.pk, 2)]
    assert epoch_of(cast.patient.pk) == 2
    assert decide_for(cast.tom.user, "thread.read", cast.patient.pk).reason == "NO_RELATIONSHIP"


def test_one_who_must_see_nothing_changes_no_epoch(cast: Cast) -> None:
    path = f"/patients/{b64(cast.patient.pk.bytes)}/care-team/{b64(cast.tom.id)}"
    assert cast.chidi.http.delete(path)[0] == 404
    assert epoch_of(cast.patient.pk) == 0

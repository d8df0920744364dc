"""Reminders: once for each end, once for each review, and a young person's notice; mails that say nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from audit.models import Entry
from consent.actions.standing import place_block
from consent.models import Directive
from consent.reminders import remind
from crypto.tables import Effect
from tests.cast import Cast, Person
from tests.consent.signing import HOUR, directive_body, now_ms, permit, revoke_body, revoke_of
from tests.consent.standing import officer_of, someone_who_acts
from wire.base import b64

pytestmark = [pytest.mark.django_db, pytest.mark.server]
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def letters(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def path(cast: Cast, what: str) -> str:
    return f"/patients/{b64(cast.patient.pk.bytes)}/{what}"


def give(cast: Cast, named: Person, **chosen: Any) -> bytes:
    said = permit(cast, named, **chosen)
    status, answer = cast.maya.http.post(path(cast, "directives"), directive_body(cast, said))
    assert status == 200, answer
    return said.directive_id


def asked(cast: Cast, who: Person | None = None) -> list[tuple[str, str]]:
    found = (who or cast.maya).http.get(path(cast, "notices"))[1]["reminders"]
    return [(one["kind"], one["directive"]) for one in found]


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def test_it_works(cast: Cast) -> None:
    ending = give(cast, cast.samuel, nbf=now_ms() - 30 * DAY, exp=now_ms() + 12 * DAY)
    give(cast, cast.elena, exp=now_ms() + 200 * DAY)
    assert asked(cast) == [("ends", b64(ending))]
    assert remind(timezone.now()) == 1
    assert Directive.objects.get(pk__isnull=False, expiry_told_at__isnull=False).pk.bytes == ending
    [letter] = mail.outbox
    assert letter.to == [cast.maya.user.email]
    assert not {"Samuel", "Elena", "Maya", "permission", "http"} & set(f"{letter.subject} {letter.body}".split())


def test_nobody_is_told_twice_of_one_end(cast: Cast) -> None:
    give(cast, cast.samuel, nbf=now_ms() - 30 * DAY, exp=now_ms() + 12 * DAY)
    remind(timezone.now())
    assert remind(timezone.now()) == 0
    call_command("remind", verbosity=0)
    assert len(mail.outbox) == 1


def test_a_permission_for_a_few_days_is_not_about_to_end_from_its_first_hour(cast: Cast) -> None:
    give(cast, cast.samuel, nbf=now_ms(), exp=now_ms() + 10 * DAY)
    assert remind(in_days(1)) == 0
    assert remind(in_days(6)) == 1


def test_what_ended_was_replaced_or_forbids_is_not_asked_about(cast: Cast) -> None:
    soon = {"nbf": now_ms() - 30 * DAY, "exp": now_ms() + 5 * DAY}
    give(cast, cast.chidi, effect=Effect.DENY, **soon)
    gone, old = give(cast, cast.samuel, **soon), give(cast, cast.elena, **soon)
    cast.maya.http.post(
        path(cast, "revocations"), revoke_body(cast, revoke_of(cast, permit(cast, cast.samuel), target=gone))
    )
    give(cast, cast.elena, exp=now_ms() + 300 * DAY, supersedes=(old,))
    assert asked(cast) == []
    assert remind(timezone.now()) == 0


def test_after_ninety_days_a_review_is_asked_and_an_answer_gives_ninety_more(cast: Cast) -> None:
    given = give(cast, cast.samuel, exp=now_ms() + 300 * DAY)
    assert remind(in_days(89)) == 0
    Directive.objects.update(given_at=in_days(-91))
    assert remind(timezone.now()) == 1
    assert asked(cast) == [("review", b64(given))]
    assert cast.maya.http.post(path(cast, f"directives/{b64(given)}/review"))[0] == 200
    assert asked(cast) == []
    assert remind(in_days(89)) == 0
    assert remind(in_days(91)) == 1


def test_a_question_that_nobody_answers_is_put_again_after_as_many_days(cast: Cast) -> None:
    give(cast, cast.samuel, exp=now_ms() + 300 * DAY)
    assert [remind(in_days(days)) for days in (91, 92, 180, 182)] == [1, 0, 0, 1]


def test_a_young_person_hears_at_ninety_and_at_thirty_days_that_parents_will_no_longer_decide(cast: Cast) -> None:
    someone_who_acts(cast, officer_of(cast))
    day = date.today() + timedelta(days=100)
    cast.patient.birth_date = day.replace(year=day.year - 18).isoformat()
    cast.patient.save()
    place_block(cast.patient, cast.tom.user, cast.chidi.user.pk, "raises the epoch")
    told = [remind(in_days(days)) for days in (5, 15, 16, 69, 75, 99)]
    assert told == [0, 1, 0, 0, 1, 0]
    marks = Entry.objects.filter(verb="authority.ends_soon").order_by("pk")
    assert [one.object_id for one in marks] == ["90", "30"]


def test_the_notice_names_the_parent_and_the_day_to_the_young_person_alone(cast: Cast) -> None:
    ingrid, _ = someone_who_acts(cast, officer_of(cast))
    day = date.today() + timedelta(days=20)
    cast.patient.birth_date = day.replace(year=day.year - 18).isoformat()
    cast.patient.save()
    place_block(cast.patient, cast.tom.user, cast.chidi.user.pk, "raises the epoch")
    notice = cast.maya.http.get(path(cast, "notices"))[1]["coming_of_age"]
    assert (notice["on"], notice["days"], notice["names"]) == (day.isoformat(), 20, ["Ingrid"])
    assert ingrid.http.get(path(cast, "notices"))[1]["coming_of_age"] is None


@pytest.mark.parametrize("who", ["elena", "samuel", "chidi"])
def test_nobody_else_answers_a_review(cast: Cast, who: str) -> None:
    given = give(cast, cast.samuel)
    assert getattr(cast, who).http.post(path(cast, f"directives/{b64(given)}/review"))[0] == 404
    assert not Entry.objects.filter(verb="consent.review").exists()

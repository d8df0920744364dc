"""A file comes in by pieces, is kept by its hash, and goes out to those who may read its message."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from audit.models import Entry
from crypto.attachments import sealed_size
from crypto.tables import Action, ContentType
from messaging.attachments import actions
from messaging.attachments.models import Attachment
from messaging.models import Member
from tests.messaging.cast import Cast, grant, open_case, withdraw
from tests.messaging.files import PIECE, Files, Sealed, body_of, code_of, parts_of, say, sealed, sent
from tests.messaging.house import Case
from wire.base import b64
from wire.errors import ConsiliumError

pytestmark = pytest.mark.server

CONTENT = secrets.token_bytes(2_500_000)


def verbs(patient: UUID) -> list[tuple[str, str]]:
    rows = Entry.objects.filter(patient=patient, verb__startswith="attachment.").order_by("pk")
    return [(row.verb, row.outcome) for row in rows]


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file = sent(case, cast.elena, CONTENT)
    answer = Files(cast.samuel).fetch(file)
    assert answer.status_code == 200
    assert file.opened(body_of(answer)) == CONTENT
    assert [verb for verb, _ in verbs(cast.patient.pk)] == ["attachment.create", "attachment.keep", "attachment.read"]


def test_the_bytes_are_shown_by_nothing(cast: Cast) -> None:
    case = open_case(cast)
    answer = Files(cast.elena).fetch(sent(case, cast.elena))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == "attachment"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert int(answer["Content-Length"]) == sealed_size(9)


def test_a_file_is_fetched_from_where_it_broke_off(cast: Cast) -> None:
    case = open_case(cast)
    file, files = sent(case, cast.elena, CONTENT), Files(cast.elena)
    size = len(file.raw)
    for asked, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=1500000-", 1_500_000, size),
        (f"bytes={size - 1}-", size - 1, size),
        (f"bytes=5-{size * 2}", 5, size),
    ):
        answer = files.fetch(file, asked)
        assert answer.status_code == 206
        assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert body_of(answer) == file.raw[start:end]
    assert files.fetch(file, f"bytes={size}-").status_code == 416
    for strange in ("bytes=9-2", "bytes=-5", "chunks=1-2", "bytes=0-1,5-6", "bytes=" + "9" * 40 + "-"):
        assert files.fetch(file, strange).status_code == 200


def test_an_upload_says_how_far_it_is_and_goes_on(cast: Cast) -> None:
    case = open_case(cast)
    file, files = sealed(case, CONTENT), Files(cast.elena)
    files.begin(file)
    files.put(file, 0, file.raw[:PIECE])
    assert files.begin(file).json()["received"] == PIECE
    assert files.look(file).json() | {"begun_at": 0} == {
        "id": b64(file.att_id),
        "size": len(file.raw),
        "received": PIECE,
        "state": "open",
        "uploader": b64(cast.elena.id),
        "begun_at": 0,
        "gone_at": None,
        "gone_by": None,
    }
    again = files.put(file, 100, file.raw[100 : PIECE + 7])
    assert again.json()["received"] == PIECE + 7
    assert files.put(file, 0, file.raw[:PIECE]).json()["received"] == PIECE + 7


def test_a_piece_that_leaves_a_gap_or_differs_is_refused_and_nothing_is_kept(cast: Cast) -> None:
    case = open_case(cast)
    file, files = sealed(case, CONTENT), Files(cast.elena)
    files.begin(file)
    files.put(file, 0, file.raw[:1000])
    gap = files.put(file, 1001, file.raw[1001:2000])
    assert (gap.status_code, gap.json()["code"], gap.json()["re"]) == (409, "out_of_order", "1000")
    assert code_of(files.put(file, 500, secrets.token_bytes(600))) == (409, "piece_differs")
    assert code_of(files.put(file, -1, b"x")) == (400, "invalid")
    assert code_of(files.put(file, 1000, secrets.token_bytes(PIECE + 1))) == (413, "too_large")
    assert files.look(file).json()["received"] == 1000


def test_a_file_that_is_longer_than_it_said_is_cut_at_what_it_said(cast: Cast) -> None:
    case = open_case(cast)
    file, files = sealed(case, b"A letter."), Files(cast.elena)
    files.begin(file)
    assert code_of(files.put(file, 0, file.raw + b"!")) == (413, "too_large")
    assert files.look(file).json()["received"] == 0
    files.put(file, 0, file.raw)
    assert code_of(files.put(file, len(file.raw), b"!")) == (413, "too_large")
    assert files.finish(file).json()["state"] == "whole"


def test_a_file_that_is_not_what_its_hash_says_starts_again_from_nothing(cast: Cast) -> None:
    case = open_case(cast)
    file, files = sealed(case, b"A letter."), Files(cast.elena)
    files.begin(file)
    incomplete = files.finish(file)
    assert (code_of(incomplete), incomplete.json()["re"]) == ((409, "incomplete"), "0")
    files.put(file, 0, bytes(len(file.raw)))
    assert code_of(files.finish(file)) == (422, "E_ATT")
    assert files.look(file).json()["received"] == 0
    files.put(file, 0, file.raw)
    assert files.finish(file).json()["state"] == "whole"
    assert files.finish(file).json()["state"] == "whole"
    assert code_of(files.finish(file, bytes(32))) == (409, "conflict")
    assert code_of(files.put(file, 0, file.raw)) == (409, "conflict")


@pytest.mark.parametrize("size", [10_000_000_000, 2**53 - 1])
def test_ten_gigabytes_are_refused_before_the_first_byte(cast: Cast, size: int) -> None:
    file = sealed(open_case(cast), b"A letter.")
    assert code_of(Files(cast.elena).begin(file, size)) == (413, "too_large")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("size", [0, -1, 2**53, 1, 40, 24 + 17 + 1001])
def test_a_size_that_nothing_is_sealed_to_is_refused(cast: Cast, size: int) -> None:
    file = sealed(open_case(cast), b"A letter.")
    status, code = code_of(Files(cast.elena).begin(file, size))
    assert (status, code) == (400, "invalid" if not 0 < size < 2**53 else "E_ATT")


def test_what_a_person_and_a_thread_may_keep_ends(cast: Cast, settings: Any) -> None:
    case = open_case(cast, cast.samuel)
    settings.ATTACHMENT_THREAD = 2 * sealed_size(9)
    settings.ATTACHMENT_PERSON = sealed_size(9)
    first = sent(case, cast.elena)
    assert code_of(Files(cast.elena).begin(sealed(case, b"A letter."))) == (429, "person_full")
    sent(case, cast.samuel)
    assert code_of(Files(cast.maya).begin(sealed(case, b"A letter."))) == (429, "thread_full")
    taken_back(case, cast, first)
    assert Files(cast.maya).begin(sealed(case, b"A letter.")).status_code == 200


def taken_back(case: Case, cast: Cast, file: Sealed) -> Any:
    msg_id = secrets.token_bytes(16)
    say(case, cast.elena, ContentType.REDACT, msg_id)
    return Files(cast.elena).destroy(file, msg_id)


def test_an_id_is_one_file_of_one_person(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file = sealed(case, b"A letter.")
    assert Files(cast.elena).begin(file).status_code == 200
    assert code_of(Files(cast.elena).begin(file, sealed_size(100))) == (409, "conflict")
    assert code_of(Files(cast.samuel).begin(file)) == (409, "conflict")
    assert code_of(Files(cast.samuel).put(file, 0, file.raw)) == (404, "not_found")
    assert code_of(Files(cast.samuel).finish(file)) == (404, "not_found")


def test_before_its_message_is_there_a_file_is_the_senders_alone(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file = sealed(case, b"A letter.")
    Files(cast.elena).begin(file)
    assert code_of(Files(cast.elena).fetch(file)) == (409, "conflict")
    Files(cast.elena).bring(file)
    assert Files(cast.elena).fetch(file).status_code == 200
    assert code_of(Files(cast.samuel).fetch(file)) == code_of(Files(cast.samuel).look(file)) == (404, "not_found")
    say(case, cast.elena, ContentType.ATTACHMENT, file.att_id)
    assert Files(cast.samuel).fetch(file).status_code == 200


def test_another_persons_message_of_that_id_does_not_open_a_file(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file = sealed(case, b"A letter.")
    Files(cast.elena).bring(file)
    say(case, cast.samuel, ContentType.ATTACHMENT, file.att_id)
    assert code_of(Files(cast.samuel).fetch(file)) == (404, "not_found")


def test_the_file_of_a_message_before_ones_history_is_not_given(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file = sent(case, cast.elena)
    Member.objects.filter(user=cast.samuel.user).update(floor=len(case.state.epochs) + 1)
    assert code_of(Files(cast.samuel).fetch(file)) == (404, "not_found")


def test_the_clinician_who_must_see_nothing_learns_nothing(cast: Cast) -> None:
    case = open_case(cast)
    file, unknown = sent(case, cast.elena), sealed(case, b"A letter.")
    chidi, before = Files(cast.chidi), (Attachment.objects.count(), Entry.objects.count())
    for one in (file, unknown):
        asked = (
            chidi.look(one),
            chidi.fetch(one),
            chidi.begin(one),
            chidi.put(one, 0, b"x"),
            chidi.finish(one),
            chidi.destroy(one),
        )
        assert {code_of(answer) for answer in asked} == {(404, "not_found")}
    assert (Attachment.objects.count(), Entry.objects.count()) == before


def withdraw_from_samuel(cast: Cast, case: Case) -> None:
    for directive in cast.patient.directives.filter(ended_at=None):
        if cast.samuel.fp in bytes(directive.body):
            withdraw(cast, case, directive.pk.bytes)


def test_a_withdrawal_closes_every_door_and_cuts_what_is_under_way(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file, samuel = sent(case, cast.elena, CONTENT), Files(cast.samuel)
    mine = sealed(case, b"A letter.")
    samuel.begin(mine)
    parts = parts_of(samuel.fetch(file))
    assert next(parts) == file.raw[:PIECE]
    withdraw_from_samuel(cast, case)
    with pytest.raises(ConsiliumError):
        next(parts)
    asked = (samuel.look(file), samuel.fetch(file), samuel.put(mine, 0, mine.raw), samuel.finish(mine))
    assert {code_of(answer) for answer in (*asked, samuel.destroy(mine), samuel.begin(mine))} == {(404, "not_found")}
    denied = Entry.objects.filter(actor=cast.samuel.user.pk, outcome="deny").values_list("verb", flat=True)
    assert {"thread.read", "thread.attach"} <= set(denied)


def test_one_who_may_read_and_not_add_is_told_so(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file = sent(case, cast.elena)
    withdraw_from_samuel(cast, case)
    grant(cast, case, case.permit(cast.samuel, actions=int(Action.READ | Action.POST)))
    samuel = Files(cast.samuel)
    assert code_of(samuel.begin(sealed(case, b"A letter."))) == (403, "refused")
    assert samuel.fetch(file).status_code == 200


def test_a_file_that_is_taken_back_is_gone_at_once_and_leaves_a_trace(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file = sent(case, cast.elena, CONTENT)
    parts = parts_of(Files(cast.samuel).fetch(file))
    next(parts)
    answer = taken_back(case, cast, file)
    assert answer.json()["state"] == "gone"
    assert answer.json()["gone_by"] == b64(cast.elena.id)
    row = Attachment.objects.get()
    assert actions.blobs().received(row.blob) == 0
    assert row.retraction is not None
    with pytest.raises(ConsiliumError) as cut:
        next(parts)
    assert cut.value.code == "gone"
    assert code_of(Files(cast.samuel).fetch(file)) == (410, "gone")
    assert Files(cast.samuel).look(file).json()["state"] == "gone"
    assert code_of(Files(cast.elena).begin(file)) == (410, "gone")
    assert Files(cast.elena).destroy(file).json()["state"] == "gone"
    assert verbs(cast.patient.pk)[-1] == ("attachment.destroy", "done")


def test_only_its_sender_takes_a_file_back_and_only_by_a_signed_retraction(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    file = sent(case, cast.elena)
    text, others = secrets.token_bytes(16), secrets.token_bytes(16)
    say(case, cast.elena, ContentType.TEXT, text)
    say(case, cast.samuel, ContentType.REDACT, others)
    for msg_id in (b"", text, others, secrets.token_bytes(16)):
        assert code_of(Files(cast.elena).destroy(file, msg_id)) == (422, "E_SCOPE")
    assert code_of(Files(cast.samuel).destroy(file, others)) == (404, "not_found")
    assert Files(cast.samuel).fetch(file).status_code == 200


def test_what_was_never_sent_is_dropped_without_a_word(cast: Cast) -> None:
    case = open_case(cast)
    file, files = sealed(case, b"A letter."), Files(cast.elena)
    files.begin(file)
    files.put(file, 0, file.raw[:10])
    assert files.destroy(file).json()["state"] == "gone"
    assert code_of(files.put(file, 10, file.raw[10:])) == (410, "gone")


def test_the_house_sweeps_what_was_given_up_and_nothing_that_was_sent(cast: Cast) -> None:
    case = open_case(cast)
    kept, files = sent(case, cast.elena), Files(cast.elena)
    left, unsent, fresh = (sealed(case, b"A letter.") for _ in range(3))
    for file in (left, fresh):
        files.begin(file)
        files.put(file, 0, file.raw[:10])
    files.bring(unsent)
    old = timezone.now() - timedelta(days=8)
    for file in (kept, left, unsent):
        Attachment.objects.filter(att_id=UUID(bytes=file.att_id)).update(begun_at=old)
    assert actions.sweep() == 2
    states = [files.look(file).json()["state"] for file in (kept, left, unsent, fresh)]
    assert states == ["whole", "gone", "gone", "open"]
    assert files.fetch(kept).status_code == 200
    assert actions.sweep() == 0

"""One message is shown to somebody outside, who can check it and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.disclosure import Disclosure, disclose, main, verify
from crypto.errors import Ct1Error
from crypto.messages import SealedMessage, parse_wire
from crypto.opening import open_with
from tests.vectors.cast import World
from tests.vectors.families.posts import Desk
from wire.base import b64
from wire.people import CertificateBlob, PersonKeys, UkrBlob

WORLD = World()
DESK = Desk()
ROOT = WORLD.roots["riverside"].sign_pk


def records_of(name: str) -> PersonKeys:
    person = WORLD[name]
    mine = [one for one in WORLD.certificates if person.fp in one.body]
    return PersonKeys(
        user=person.user,
        name=name.title(),
        kind="staff",
        bundles=[UkrBlob(ukr=person.ukr.body, pop=person.ukr.pop, sig=person.ukr.sig)],
        certificates=[CertificateBlob(body=one.body, sig=one.sig) for one in mine],
    )


def sealed(size: int = 40) -> SealedMessage:
    return DESK.seal("elena", b'{"text":"' + b"a" * size + b'"}')


def shown(message: SealedMessage) -> Disclosure:
    return disclose(message, DESK.log.keys[2], records_of("elena"))


def code_of(disclosure: Disclosure, roots: list[bytes]) -> str:
    with pytest.raises(Ct1Error) as refusal:
        verify(disclosure, roots)
    return refusal.value.code


@pytest.mark.parametrize("size", [0, 40, 300, 4080, 4096, 9000])
def test_it_works(size: int) -> None:
    _, body = verify(shown(sealed(size)), [ROOT])
    assert json.loads(body) == {"text": "a" * size}


def test_it_opens_no_other_message() -> None:
    with pytest.raises(Ct1Error) as refusal:
        open_with(sealed(), shown(sealed()).mk)
    assert refusal.value.code == "E_AEAD"


def test_nothing_in_it_can_be_changed() -> None:
    good = shown(sealed())
    for at in (60, len(good.wire) // 2, len(good.wire) - 1):
        wire = bytearray(good.wire)
        wire[at] ^= 1
        with pytest.raises(Ct1Error):
            verify(good.model_copy(update={"wire": bytes(wire)}), [ROOT])
    assert code_of(good.model_copy(update={"mk": bytes(32)}), [ROOT]) == "E_AEAD"


def test_it_is_nobody_elses_word() -> None:
    good = shown(sealed())
    assert code_of(good.model_copy(update={"sender": records_of("tom")}), [ROOT]) == "E_UNKNOWN_KEY"
    assert code_of(good, [WORLD.roots["faraway"].sign_pk]) == "E_CERT"


def test_the_program_tells_what_was_written_or_the_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shown.json"
    path.write_text(shown(sealed(3)).model_dump_json())
    assert main([str(path), "--root", b64(ROOT)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sender"], told["body"]) == ("Elena", {"text": "aaa"})
    assert main([str(path), "--root", b64(bytes(32))]) == 1
    assert capsys.readouterr().err.startswith("E_CERT")
    path.write_text("{}")
    assert main([str(path), "--root", b64(ROOT)]) == 2
    assert parse_wire(shown(sealed()).wire).header.sender == WORLD["elena"].user

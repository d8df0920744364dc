import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from wire.base import Id16, b64, unb64
from wire.live import Hello


@given(st.binary(max_size=80))
def test_base64url_survives_a_round_trip(raw: bytes) -> None:
    assert unb64(b64(raw)) == raw


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "+/8", "AA\n", "é", "A A"])
def test_a_second_spelling_of_the_same_bytes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        unb64(text)


def test_a_frame_with_a_field_it_does_not_name_is_refused() -> None:
    with pytest.raises(ValidationError):
        Hello.model_validate({"type": "hello", "protocol": 1, "device": b64(bytes(16)), "admin": True})


@pytest.mark.parametrize("size", [0, 15, 17])
def test_an_id_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValidationError):
        Hello.model_validate({"type": "hello", "protocol": 1, "device": b64(bytes(size))})


def test_ids_travel_as_base64url_text() -> None:
    device: Id16 = bytes(range(16))
    hello = Hello(protocol=1, device=device)
    assert Hello.model_validate_json(hello.model_dump_json()).device == device
    assert b64(device) in hello.model_dump_json()

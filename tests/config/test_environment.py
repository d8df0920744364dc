import base64
import stat
from pathlib import Path

import pytest

from config.database import database
from config.environment import Environment, field_keys, receipt_seed, secret_key
from config.mail import mail
from config.serve import refuse_what_cannot_work, web_command


def made(folder: Path, **chosen: object) -> Environment:
    return Environment.model_validate({"data": folder, **chosen})


def test_a_secret_is_made_once_kept_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = secret_key(made(tmp_path))
    assert secret_key(made(tmp_path)) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_field_keys_can_be_rotated_by_the_environment(tmp_path: Path) -> None:
    old, new = base64.b64encode(b"o" * 32).decode(), base64.b64encode(b"n" * 32).decode()
    assert field_keys(made(tmp_path, field_keys=f"2:{new},1:{old}")) == [("2", b"n" * 32), ("1", b"o" * 32)]


def test_a_short_field_key_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        field_keys(made(tmp_path, field_keys="1:" + base64.b64encode(b"short").decode()))


def test_sqlite_survives_a_power_cut_and_waits_instead_of_failing(tmp_path: Path) -> None:
    options = database(made(tmp_path))["OPTIONS"]
    assert isinstance(options, dict)
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in options["init_command"]
    assert "journal_mode=WAL" in options["init_command"]


def test_a_database_that_is_not_postgresql_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        database(made(tmp_path, database_url="mysql://root@localhost/x"))


def test_two_workers_without_redis_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="CONSILIUM_REDIS_URL"):
        refuse_what_cannot_work(made(tmp_path, workers=2))


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit, match="is taken"):
            refuse_what_cannot_work(made(tmp_path, PORT=taken.getsockname()[1]))


def test_frames_are_bounded_before_they_are_read(tmp_path: Path) -> None:
    command = web_command(made(tmp_path))
    assert command[command.index("--ws-max-size") + 1] == "262144"
    assert command[command.index("--ws-per-message-deflate") + 1] == "false"


def test_letters_leave_by_the_address_that_was_chosen_and_by_none_without(tmp_path: Path) -> None:
    assert str(mail(made(tmp_path))["EMAIL_BACKEND"]).endswith("dummy.EmailBackend")
    chosen = mail(made(tmp_path, mail_url="smtp://post%40clinic:pa%3Ass@mail.clinic.example"))
    assert (chosen["EMAIL_HOST"], chosen["EMAIL_PORT"], chosen["EMAIL_USE_TLS"]) == ("mail.clinic.example", 587, True)
    assert (chosen["EMAIL_HOST_USER"], chosen["EMAIL_HOST_PASSWORD"]) == ("post@clinic", "pa:ss")
    assert mail(made(tmp_path, mail_url="smtps://mail.clinic.example"))["EMAIL_USE_SSL"]
    with pytest.raises(SystemExit):
        mail(made(tmp_path, mail_url="mail.clinic.example"))


def test_the_key_of_receipts_is_kept_and_a_short_one_stops_the_start(tmp_path: Path) -> None:
    assert receipt_seed(made(tmp_path)) == receipt_seed(made(tmp_path))
    assert receipt_seed(made(tmp_path, receipt_key=base64.b64encode(b"r" * 32).decode())) == b"r" * 32
    with pytest.raises(SystemExit):
        receipt_seed(made(tmp_path, receipt_key=base64.b64encode(b"short").decode()))

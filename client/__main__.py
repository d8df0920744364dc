"""`python -m client`: what a person does in the browser, from a terminal.

The password is asked for, or taken from CONSILIUM_PASSWORD; it is never an argument, which other users of a
machine could see.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from client import account as accounts
from client import consent
from client.account import Account
from client.api import Api
from client.errors import ApiError, Unreachable, Untrusted
from client.following import follow
from client.live import Live
from client.threads import Opened, Thread, list_threads, open_thread
from crypto.errors import Ct1Error
from crypto.tables import ContentType, HistoryKind, Role
from wire.base import b64, unb64
from wire.people import DirectoryPage

Command = Callable[[Account, argparse.Namespace], Awaitable[None]]


def say(text: str) -> None:
    print(text, flush=True)


def line(message: Opened) -> str:
    """A message as one line; what cannot be trusted shows its code and no sender."""
    when = datetime.fromtimestamp(message.at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    if message.code:
        return f"{message.seq:>5} {when} ⚠ {message.code}"
    return f"{message.seq:>5} {when} {message.sender_name}: {message.text}"


def shown(message: Opened) -> bool:
    return bool(message.code) or message.ctype in (ContentType.TEXT, ContentType.CARD)


async def whoami(account: Account, asked: argparse.Namespace) -> None:
    posts = ", ".join(f"{Role(one.role).name.lower()} at {one.organisation_name}" for one in account.me.posts)
    say(f"{account.me.name} <{account.me.email}> {posts or account.me.kind}")
    say(f"user {b64(account.me.id)}  key {b64(account.vault.identity.fp)}")


async def threads(account: Account, asked: argparse.Namespace) -> None:
    for one in await list_threads(account):
        people = ", ".join(member.name for member in one.members)
        say(f"{b64(one.id)}  {one.patient_name}  {one.unread} unread of {one.head}  ({people})")


async def read(account: Account, asked: argparse.Namespace) -> None:
    thread = await open_thread(account, unb64(asked.thread))
    for message in await thread.read():
        if shown(message):
            say(line(message))


async def post(account: Account, asked: argparse.Namespace) -> None:
    thread = Thread(account, unb64(asked.thread))
    async with Live(account.api) as live:
        ack = await thread.post(live, asked.text)
    say(f"posted as {ack.seq}")


async def sign_directive(account: Account, asked: argparse.Namespace) -> None:
    found = await account.api.get("/directory", DirectoryPage, {"query": asked.clinician, "page": 1})
    if len(found.people) != 1:
        names = ", ".join(one.name for one in found.people) or "nobody"
        raise ApiError("invalid", f"“{asked.clinician}” must mean one clinician; it means {names}")
    one = found.people[0]
    wish = consent.Permission(
        grantee_fp=one.fp,
        grantee_name=f"{one.name} ({one.organisation_name})",
        history=HistoryKind[asked.history.upper()],
        lasts_ms=asked.days * 86_400_000,
    )
    say(f"directive {b64(await consent.sign_permission(account, wish))}")


async def withdraw(account: Account, asked: argparse.Namespace) -> None:
    say(f"revocation {b64(await consent.withdraw(account, directive_id=unb64(asked.directive)))}")


async def tail(account: Account, asked: argparse.Namespace) -> None:
    async for message in follow(account, unb64(asked.thread)):
        if shown(message):
            say(line(message))


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m client", description="A headless client of Consilium.")
    whole.add_argument("--base-url", default="http://127.0.0.1:8000")
    whole.add_argument("--email", default=os.environ.get("CONSILIUM_EMAIL", ""))
    whole.add_argument(
        "--root", action="append", default=[], metavar="FP", help="trust these organisations' roots alone"
    )
    commands = whole.add_subparsers(dest="command", required=True)

    def command(name: str, run: Command, words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words)
        made.set_defaults(run=run)
        return made

    command("login", whoami, "check that the password opens the account and its keys")
    command("whoami", whoami, "who this is, with the key's fingerprint")
    command("threads", threads, "list the threads")
    command("read", read, "print a thread").add_argument("thread")
    posting = command("post", post, "post a text")
    posting.add_argument("thread")
    posting.add_argument("text")
    signing = command("sign-directive", sign_directive, "as the patient, permit a clinician")
    signing.add_argument("clinician", help="words of the name and organisation")
    signing.add_argument("--history", choices=["none", "from_join", "all"], default="all")
    signing.add_argument("--days", type=int, default=90)
    command("withdraw", withdraw, "as the patient, withdraw a directive").add_argument("directive")
    command("tail", tail, "print a thread's messages as they come").add_argument("thread")
    return whole


async def run(asked: argparse.Namespace, password: str) -> None:
    roots = frozenset(unb64(one) for one in asked.root)
    async with Api(asked.base_url, roots=roots) as api:
        account = await accounts.sign_in(api, email=asked.email, password=password)
        try:
            await asked.run(account, asked)
        finally:
            await api.sign_out()


def main(arguments: list[str]) -> int:
    asked = parser().parse_args(arguments)
    if not asked.email:
        print("client: --email or CONSILIUM_EMAIL is needed", file=sys.stderr)
        return 2
    password = os.environ.get("CONSILIUM_PASSWORD") or getpass.getpass()
    try:
        asyncio.run(run(asked, password))
    except (ApiError, Ct1Error, Unreachable, Untrusted, ValueError) as error:
        print(f"client: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

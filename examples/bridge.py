"""A bridge: exports a thread as a FHIR R4 Bundle of Communication resources, for a chart system.

    python -m examples.bridge https://consilium.example elena@clinic.example THREAD > thread.json

Opened here, with the person's own keys: whoever may read the thread may export it, and nobody else can. What could
not be opened is in the bundle as such, so that a hole is not taken for silence.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from client import account as accounts
from client.api import Api
from client.threads import Opened, Thread, open_thread
from crypto.tables import ContentType
from wire.base import b64, unb64

MESSAGE = "urn:consilium:message"


def communication(thread: Thread, message: Opened) -> dict[str, Any]:
    """One message as a Communication; the patient and the people are named by their ids here."""
    name = b64(thread.id)
    made: dict[str, Any] = {
        "resourceType": "Communication",
        "id": f"{name[:32].replace('_', '.')}-{message.seq}",
        "identifier": [{"system": MESSAGE, "value": f"{name}:{message.seq}"}],
        "status": "completed" if not message.code else "unknown",
        "subject": {"identifier": _uuid(thread.state.genesis.patient_ref)},
        "sent": datetime.fromtimestamp(message.at / 1000, UTC).isoformat(),
        "payload": [_payload(message)],
    }
    if not message.code:
        made["sender"] = {"identifier": _uuid(message.sender), "display": message.sender_name}
    return made


def _payload(message: Opened) -> dict[str, Any]:
    if message.code:
        reason = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "error"}
        return {"contentString": f"Could not be opened: {message.code}", "extension": [reason]}
    return {"contentString": message.text or json.dumps(message.body, ensure_ascii=False)}


def _uuid(raw: bytes) -> dict[str, str]:
    return {"system": "urn:ietf:rfc:3986", "value": UUID(bytes=raw).urn}


def bundle(thread: Thread, messages: list[Opened]) -> dict[str, Any]:
    """The thread as a `collection`, in its order."""
    shown = [one for one in messages if one.code or one.ctype in (ContentType.TEXT, ContentType.CARD)]
    entries = [
        {"fullUrl": f"urn:consilium:{b64(thread.id)}:{one.seq}", "resource": communication(thread, one)}
        for one in shown
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


async def main(address: str, email: str, thread_id: str) -> None:
    async with Api(address) as api:
        account = await accounts.sign_in(api, email=email, password=os.environ["CONSILIUM_PASSWORD"])
        thread = await open_thread(account, unb64(thread_id))
        print(json.dumps(bundle(thread, await thread.read()), indent=2, ensure_ascii=False))
        await api.sign_out()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

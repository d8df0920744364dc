"""The families of vectors, one file each."""

from tests.vectors.families import (
    attachments,
    authorities,
    basics,
    calls,
    comparing,
    consent,
    directories,
    hard,
    identity,
    logs,
    new_keys,
    posts,
    readers,
    urgencies,
)
from tests.vectors.families.case import Case

__all__ = ["Case", "everything"]


def everything() -> dict[str, list[Case]]:
    """All cases by the name of their file."""
    return {
        "primitives": [*basics.primitives(), *hard.hard_cases()],
        "encoding": basics.encoding(),
        "keys": identity.keys(),
        "slots": identity.slots(),
        "directives": consent.directives(),
        "authorities": authorities.authorities(),
        "directories": directories.directories(),
        "logs": logs.logs(),
        "messages": [*posts.messages(), *readers.readers(), *new_keys.new_keys()],
        "conference": calls.calls(),
        "comparing": comparing.comparing(),
        "urgencies": urgencies.urgencies(),
        "attachments": attachments.attachments(),
    }

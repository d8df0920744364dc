"""What the forwarder refuses, by a closed list of codes: counted once for the process, printed by `sfu_stats`."""

from __future__ import annotations

from typing import Literal, get_args

Refusal = Literal[
    "datagram_short",
    "datagram_huge",
    "datagram_unknown",
    "check_malformed",
    "check_unknown",
    "check_unsigned",
    "check_rationed",
    "address_taken",
    "dtls_flood",
    "srtp_refused",
    "rtp_malformed",
    "rtp_stranger",
    "rtp_payload",
    "rtcp_malformed",
    "rtcp_foreign",
    "keyframe_rationed",
    "repair_rationed",
    "answer_bad",
    "ticket_bad",
    "handshake_failed",
]
"""`datagram_unknown`: no check came from there, or it is no STUN, DTLS or SRTP. `check_unknown`: a ufrag of nobody.
`rtp_stranger`: a stream that the sender's answer did not name. `rtcp_foreign`: about a stream that is not theirs."""


class Refusals:
    """One counter a code; the codes are fixed, so the table cannot grow."""

    def __init__(self) -> None:
        self.counts: dict[Refusal, int] = dict.fromkeys(get_args(Refusal), 0)

    def count(self, code: Refusal) -> None:
        self.counts[code] += 1

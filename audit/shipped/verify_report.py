#!/usr/bin/env python3
"""Checks an access report that Consilium gave you, on your own machine, without asking anybody.

    python3 verify_report.py REPORT.json [--key NAME+ID+KEY] [--earlier OLD_REPORT.json]

Each line must stand in the log at its place, the log's key must have signed the whole, and, with an earlier report,
nothing of the past may be rewritten since. Take the key from somebody else than the report (your clinic's privacy
officer, an earlier report): without --key the report's own is believed.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


class Bad(Exception):
    """What is wrong with the report."""


def need(holds, what):
    if not holds:
        raise Bad(what)


def x_of(y, sign):  # Ed25519 as in RFC 8032 section 5.1, in extended coordinates
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    need((x * x - square) % P == 0 and not (x == 0 and sign), "a point of the signature is none")
    return P - x if x & 1 != sign else x


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def point_of(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    need(y < P, "a point of the signature is none")
    x = x_of(y, sign)
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_by(public, text, signature):
    s = int.from_bytes(signature[32:], "little")
    need(s < L and len(signature) == 64, "the signature is none")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    left, right = times(s, BASE), add(point_of(signature[:32]), times(k, point_of(public)))
    return not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def climb(place, last, first, second, steps):  # RFC 9162 sections 2.1.3.2 and 2.1.4.2
    for step in steps:
        need(last, "a proof is too long")
        if place & 1 or place == last:
            first, second = node(step, first), node(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node(second, step)
        place, last = place >> 1, last >> 1
    need(not last, "a proof is too short")
    return first, second


def statement_of(note, key):
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    name, identity, encoded = key.split("+", 2)
    public = base64.b64decode(encoded)[1:]
    line = next((one for one in signatures.split("\n") if one.startswith(f"— {name} ")), "")
    raw = base64.b64decode(line.rpartition(" ")[2])
    need(len(raw) == 68 and raw[:4].hex() == identity, "the log's key has not signed the checkpoint")
    need(signed_by(public, text.encode(), raw[4:]), "the checkpoint's signature is not the log's")
    origin, size, root, _ = text.split("\n")
    need(origin == name, "the checkpoint is another log's")
    return int(size), base64.b64decode(root)


def check(report, key, earlier):
    size, root = statement_of(report["checkpoint"], key)
    for number, line in enumerate(report["entries"], 1):
        try:
            need(line["content"]["patient"] == report["patient"], "it is about somebody else")
            need(0 <= line["index"] < size, "its place is outside the log")
            text = json.dumps(line["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            leaf = hashlib.sha256(b"\0" + text.encode()).digest()
            proof = [bytes.fromhex(step) for step in line["proof"]]
            found = climb(line["index"], size - 1, leaf, leaf, proof)[1]
            need(found == root, "it is not in the log, or was changed")
        except Bad as wrong:
            raise Bad(f"line {number} of the report: {wrong}") from None
    if earlier:
        old, old_root = statement_of(earlier["checkpoint"], key)
        need(old <= size and report["since"] == old, "ask for a report that continues the earlier one")
        steps = [bytes.fromhex(step) for step in report["consistency"]]
        if 0 < old < size:
            steps = [old_root, *steps] if not old & old - 1 else steps
            place, last = old - 1, size - 1
            while place & 1:
                place, last = place >> 1, last >> 1
            found = climb(place, last, steps[0], steps[0], steps[1:])
            need(found == (old_root, root), "the log was rewritten since the earlier report")
        need(old != size or old_root == root, "the log was rewritten since the earlier report")
    return len(report["entries"]), size


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Checks a Consilium access report offline.")
    parser.add_argument("report")
    parser.add_argument("--key")
    parser.add_argument("--earlier")
    chosen = parser.parse_args()
    try:
        asked = json.loads(Path(chosen.report).read_text("utf-8"))
        before = json.loads(Path(chosen.earlier).read_text("utf-8")) if chosen.earlier else None
        lines, of = check(asked, chosen.key or asked["log_key"], before)
    except (Bad, OSError, ValueError, KeyError, TypeError, IndexError) as wrong:
        sys.exit(f"NOT in order: {wrong}")
    print(f"In order: {lines} lines, each proven in a log of {of} entries.")

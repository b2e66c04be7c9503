"""The demo's people: a platform that was started with `--demo` is needed, others are skipped."""

from __future__ import annotations

import os
import unittest
from dataclasses import dataclass

import grpc

import settings
from services import Caller


@dataclass(frozen=True)
class Town:
    """A demo tenant and who acts in it."""

    tenant: str
    visitor: Caller
    citizen: Caller
    moderation: Caller
    administration: Caller


def town(channel: grpc.Channel) -> Town:
    """One of the nine, its people signed in."""
    tenant, password = os.environ.get("ALLMENDE_DEMO_TENANT", "brandis"), os.environ.get("ALLMENDE_DEMO_PASSWORD")
    if not password:
        raise unittest.SkipTest("needs demo data: `allmende up --demo`, and ALLMENDE_DEMO_PASSWORD from demo.password")
    settings.platform()
    visitor = Caller(channel)
    return Town(
        tenant=tenant,
        visitor=visitor,
        citizen=visitor.signed_in("buergerin-1@demo.example", password),
        moderation=visitor.signed_in(f"moderation@{tenant}.example", password),
        administration=visitor.signed_in(f"verwaltung@{tenant}.example", password),
    )

"""What all rpcs share is checked alike by all services: tenant, request id, page token and consistency token."""

from __future__ import annotations

import unittest
import uuid
from typing import Any

import grpc

import demo
import errors
import settings
from platform_client import request_id
from services import Caller, Rpc, rpcs

# By field; a version 4 id tells no time.
WRONG = {
    "tenant": ["", "Köln", "../x", "a" * 64],
    "request_id": ["", "17", str(uuid.uuid4())],
    "page_token": ["no token", "AAAA"],
    "consistency_token": ["no token", "A" * 20_000],
}
# Where an empty text means something: all tenants.
MAY_BE_EMPTY = {"CatalogService/GetCatalogue": "tenant"}


class SharedFields(unittest.TestCase):
    """Requests with nothing but these fields and ids: whatever else is missing, they are named."""

    callers: list[Caller]
    tenant: str

    @classmethod
    def setUpClass(cls) -> None:
        platform = settings.platform()
        channel = cls.enterClassContext(platform.channel())
        cls.callers, cls.tenant = [Caller(channel, platform.token)], platform.scratch_tenant
        try:
            town = demo.town(channel)
        except unittest.SkipTest:
            return
        # What is a tenant's own affair is closed to operators.
        cls.callers, cls.tenant = [*cls.callers, town.administration, town.citizen], town.tenant

    def test_every_unary_rpc_names_the_field_at_fault(self) -> None:
        looked_at = 0
        for rpc in rpcs().values():
            if not rpc.is_unary:
                continue
            for field in sorted(rpc.text_fields() & WRONG.keys()):
                for value in WRONG[field]:
                    if not value and MAY_BE_EMPTY.get(rpc.name) == field:
                        continue
                    with self.subTest(rpc=rpc.name, field=field, value=value[:40]):
                        refusal = self.refusal(rpc, field, value)
                        self.assertEqual(refusal.code, grpc.StatusCode.INVALID_ARGUMENT, refusal)
                        self.assertTrue(refusal.names(field), refusal)
                        looked_at += 1
        self.assertGreater(looked_at, 300)

    def refusal(self, rpc: Rpc, field: str, value: str) -> errors.Refusal:
        """As the first caller that may call it at all."""
        good = {"tenant": self.tenant, "request_id": request_id(), "page_token": "", "consistency_token": ""}
        fields: dict[str, Any] = {name: str(uuid.uuid4()) for name in rpc.text_fields() if name.endswith("_id")}
        fields |= {name: good[name] for name in rpc.text_fields() & good.keys()} | {field: value}
        if rpc.method.input_type.fields_by_name.get("tenant") and "tenant" not in rpc.text_fields():
            fields["tenant"] = {"tenant": self.tenant}
        refusal = None
        for caller in self.callers:
            with self.assertRaises(grpc.RpcError) as raised:
                caller.call(rpc.name, **fields)
            refusal = errors.read(raised.exception)
            if refusal.code != grpc.StatusCode.PERMISSION_DENIED:
                break
        assert refusal is not None
        if refusal.code == grpc.StatusCode.PERMISSION_DENIED and len(self.callers) == 1:
            self.skipTest("is closed to operators; a demo's people may call it")
        return refusal


if __name__ == "__main__":
    unittest.main()

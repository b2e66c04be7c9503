"""A client of a running platform: channel, token, paging, and a look at every answer."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc
from google.protobuf.message import Message

import stubs

# Seconds after which a call fails; a page of 10,000 observations takes far less.
CALL_TIMEOUT_S = 60.0


class Client:
    """Calls of TelemetryService for one tenant.

    Requests are given as keyword arguments, without the tenant: `client.call("GetStation", station_id=…)`.
    """

    def __init__(
        self, channel: grpc.Channel, token: str, tenant: str, on_answer: Callable[[Message], None] | None = None
    ) -> None:
        """`on_answer` sees each answer before the caller does."""
        self.tenant = tenant
        self._stub = stubs.load().service_grpc.TelemetryServiceStub(channel)
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._on_answer = on_answer

    def call(self, rpc: str, /, **fields: Any) -> Any:
        """One call; raises grpc.RpcError if it is refused."""
        return self.send(rpc, request(rpc, tenant=self.tenant, **fields))

    def send(self, rpc: str, message: Message | Iterable[Message]) -> Any:
        """One call with a request as it is; several messages for a streaming call, and a list for a stream of answers."""
        sent = message if isinstance(message, Message) else iter(message)
        answer = getattr(self._stub, rpc)(sent, metadata=self._metadata, timeout=CALL_TIMEOUT_S)
        if not isinstance(answer, Message):
            answer = list(answer)
        if self._on_answer:
            for message in answer if isinstance(answer, list) else [answer]:
                self._on_answer(message)
        return answer

    def pages(self, rpc: str, /, **fields: Any) -> Iterator[Any]:
        """All pages of a list, each as its answer."""
        page_token, seen = "", set()
        while True:
            page = self.call(rpc, page_token=page_token, **fields)
            yield page
            page_token = page.next_page_token
            if not page_token:
                return
            if page_token in seen:
                raise AssertionError(f"{rpc} gives the page token {page_token!r} twice")
            seen.add(page_token)

    def entries(self, rpc: str, field: str, /, **fields: Any) -> list[Any]:
        """The entries of all pages of a list."""
        return [entry for page in self.pages(rpc, **fields) for entry in getattr(page, field)]


def request(rpc: str, /, **fields: Any) -> Message:
    """The request message of an rpc."""
    return getattr(stubs.load().service, f"{rpc}Request")(**fields)


def rpcs() -> dict[str, bool]:
    """Names of all rpcs of the service, and whether the client streams."""
    service = stubs.load().service.DESCRIPTOR.services_by_name["TelemetryService"]
    return {method.name: method.client_streaming for method in service.methods}


def request_id() -> str:
    """A UUIDv7 of now (RFC 9562, section 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    number = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))

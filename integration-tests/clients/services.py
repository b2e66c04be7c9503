"""Every rpc of the platform by its descriptor, and people who call them: what all services share is tested on all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

import stubs
from platform_client import CALL_TIMEOUT_S

PACKAGES = ("gateway", "telemetry", "participation", "opendata", "reporting")


@dataclass(frozen=True)
class Rpc:
    """One rpc."""

    method: MethodDescriptor

    @property
    def name(self) -> str:
        """E.g. `ParticipationService/OpenProcedure`: unique over all services."""
        return f"{self.method.containing_service.name}/{self.method.name}"

    @property
    def path(self) -> str:
        """As it is called."""
        return f"/{self.method.containing_service.full_name}/{self.method.name}"

    @property
    def is_unary(self) -> bool:
        """One request, one answer."""
        return not self.method.client_streaming and not self.method.server_streaming

    def request(self, **fields: Any) -> Message:
        """The request message."""
        return message_factory.GetMessageClass(self.method.input_type)(**fields)

    def text_fields(self) -> set[str]:
        """Names of the request's fields that are single texts."""
        return {field.name for field in self.method.input_type.fields if field.type == field.TYPE_STRING}


@cache
def rpcs() -> dict[str, Rpc]:
    """All of them by their names."""
    found: dict[str, Rpc] = {}
    for package in PACKAGES:
        for module in stubs.modules(f"allmende/{package}/v1"):
            for service in module.DESCRIPTOR.services_by_name.values():
                found |= {rpc.name: rpc for rpc in map(Rpc, service.methods)}
    return found


class Caller:
    """Somebody who calls: `caller.call("ParticipationService/ListProcedures", tenant="brandis")`."""

    def __init__(self, channel: grpc.Channel, token: str | None = None) -> None:
        """Without a token it is a visitor."""
        self._channel = channel
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def call(self, name: str, /, **fields: Any) -> Any:
        """One call of a unary rpc; raises grpc.RpcError if it is refused."""
        rpc = rpcs()[name]
        answer = message_factory.GetMessageClass(rpc.method.output_type)
        send = self._channel.unary_unary(rpc.path, _serialise, answer.FromString)
        return send(rpc.request(**fields), metadata=self._metadata, timeout=CALL_TIMEOUT_S)

    def stream(self, name: str, /, **fields: Any) -> Iterator[Any]:
        """The answers of an rpc that streams them."""
        rpc = rpcs()[name]
        answer = message_factory.GetMessageClass(rpc.method.output_type)
        send = self._channel.unary_stream(rpc.path, _serialise, answer.FromString)
        return iter(send(rpc.request(**fields), metadata=self._metadata, timeout=CALL_TIMEOUT_S))

    def entries(self, name: str, field: str, /, **fields: Any) -> list[Any]:
        """The entries of all pages of a list."""
        entries, page_token = [], ""
        while True:
            page = self.call(name, page_token=page_token, **fields)
            entries += getattr(page, field)
            page_token = page.next_page_token
            if not page_token:
                return entries

    def signed_in(self, email: str, password: str) -> Caller:
        """Somebody with an account."""
        session = self.call("IdentityService/SignIn", email=email, password=password).session
        return Caller(self._channel, session.access_token)


def _serialise(message: Message) -> bytes:
    return bytes(message.SerializeToString())

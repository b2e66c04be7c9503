"""What a refused call says: google.rpc.Status with its details, from the trailing metadata."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import grpc
from google.rpc import error_details_pb2, status_pb2

DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True)
class Refusal:
    """A status with the details that were sent along."""

    code: grpc.StatusCode
    message: str
    fields: dict[str, str] = field(default_factory=dict)
    """google.rpc.BadRequest: path of each field at fault and what is wrong with it."""
    reason: str = ""
    """google.rpc.ErrorInfo."""
    facts: dict[str, str] = field(default_factory=dict)
    """Metadata of ErrorInfo and the call's trailing metadata in text."""

    def names(self, path: str) -> bool:
        """Whether a violation names that field; positions in lists may be written in any way, or left out."""
        return path in {without_positions(name) for name in self.fields}


def without_positions(path: str) -> str:
    """`columns[0].result[3]` and `columns.0.result.3` become `columns.result`."""
    return re.sub(r"\[\d+]|\.\d+(?=\.|$)", "", path)


def read(error: grpc.RpcError) -> Refusal:
    """Decodes the details; a status without any is a refusal without fields."""
    facts: dict[str, str] = {}
    fields: dict[str, str] = {}
    reason = ""
    for key, value in error.trailing_metadata() or ():
        if key != DETAILS:
            facts[key] = str(value)
            continue
        status = status_pb2.Status.FromString(value)
        if status.code != error.code().value[0]:
            raise ValueError(f"the details say status {status.code}, the call {error.code().value[0]}")
        for detail in status.details:
            bad_request, info = error_details_pb2.BadRequest(), error_details_pb2.ErrorInfo()
            if detail.Unpack(bad_request):
                fields |= {violation.field: violation.description for violation in bad_request.field_violations}
            elif detail.Unpack(info):
                reason = info.reason
                facts |= dict(info.metadata)
    return Refusal(error.code(), error.details() or "", fields, reason, facts)

"""Reports on a procedure, and their numbers beside the answers that they name."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import demo
from platform_client import request_id

REACH = "ParticipationService/GetReachByChannel"
_SUM = re.compile(r"\$\.reach\[(?:\*|\?@\.channel=='(?P<channel>\w+)')\]\.(?P<field>\w+)")


def published(town: demo.Town, procedure_id: str, token: str) -> dict[str, Any]:
    """A report over the last month, run, published, and read as everybody reads it."""
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    report_id, run_id = str(uuid.uuid4()), str(uuid.uuid4())
    definition = {
        "report_id": report_id,
        "title": {"de": "Bericht über eine Beteiligung"},
        "first_day": str(today - timedelta(days=30)),
        "last_day": str(today),
        "participation": {"procedure_ids": [procedure_id]},
    }
    for name, fields in (
        ("DefineReport", {"definition": definition}),
        ("RunReport", {"report_id": report_id, "run_id": run_id, "consistency_token": token}),
        ("PublishReport", {"run_id": run_id}),
    ):
        answer = town.administration.call(
            f"ReportingService/{name}", tenant=town.tenant, request_id=request_id(), **fields
        )
    rendered = town.visitor.call(
        "ReportingService/RenderReport",
        tenant=town.tenant,
        run_id=run_id,
        format=3,
        language=1,
        consistency_token=answer.consistency_token,
    )
    if rendered.sha256 != hashlib.sha256(rendered.content).digest():
        raise AssertionError("a report is not what its checksum says")
    report: dict[str, Any] = json.loads(rendered.content)
    if report["run_id"] != run_id:
        raise AssertionError("another run was rendered")
    return report


def reach(town: demo.Town, procedure_id: str, token: str) -> list[Any]:
    """How much came in over each channel, as staff are told."""
    answer = town.administration.call(REACH, tenant=town.tenant, procedure_id=procedure_id, consistency_token=token)
    return list(answer.reach)


def cells(report: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """The cells that are one sum over the reach, shown or not, each with the path that it names."""
    asked = {index for index, query in enumerate(report["queries"]) if query["rpc"].endswith("GetReachByChannel")}
    for table in report["tables"]:
        for row in table["rows"]:
            for cell in row["cells"]:
                sources = cell.get("sources", ())
                if len(sources) == 1 and sources[0]["query"] in asked:
                    yield cell, sources[0]["path"]


def told(answer: list[Any], path: str) -> int:
    """What a path sums up of an answer."""
    asked = _SUM.fullmatch(path)
    if asked is None:
        raise AssertionError(f"not a sum over the reach: {path}")
    of = [each for each in answer if asked["channel"] in (None, channel(each))]
    return sum(getattr(each, asked["field"]) for each in of)


def channel(each: Any) -> str:
    names = each.DESCRIPTOR.fields_by_name["channel"].enum_type.values_by_number
    return str(names[each.channel].name)

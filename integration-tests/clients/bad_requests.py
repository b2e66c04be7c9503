"""Bad requests to every rpc: a good one with one thing wrong, and the field that the answer has to name."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from typing import Any

import scratch
import stubs
from platform_client import request_id, rpcs

NO_ENUM_VALUE = 99
NO_ID = "17"
DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Case:
    """One bad request."""

    rpc: str
    fields: dict[str, Any]
    """The request, without what is left out."""
    names: tuple[str, ...]
    """Paths of which one must be named; several where the fault lies in how two fields go together."""

    @property
    def label(self) -> str:
        """For messages."""
        return f"{self.rpc}: {' or '.join(self.names)}"


# Streams of RecordObservations.
OF_BATCHES = ("StreamObservations", "DeliverObservations")


def cases(station: scratch.Station) -> list[Case]:
    """All of them; `station` is in service and gives the good parts."""
    good = {rpc: _good(rpc, station) for rpc, streams in rpcs().items() if not streams}
    changes = [(rpc, names, change) for rpc in good for names, change in _general(rpc, good[rpc])]
    changes += _specific(station)
    of_batches = [change for rpc, *change in changes if rpc == "RecordObservations"]
    return [Case(rpc, good[rpc] | change, names) for rpc, names, change in changes] + [
        Case(
            rpc,
            {"batch": good["RecordObservations"] | change},
            (*names, *(f"batch.{name}" for name in names)),
        )
        for rpc in OF_BATCHES
        for names, change in of_batches
    ]


def _good(rpc: str, station: scratch.Station) -> dict[str, Any]:
    types = stubs.load().types
    fields: dict[str, Any] = {
        "tenant": station.client.tenant,
        "request_id": request_id(),
        "station_id": station.station_id,
        "datastream_id": station.datastream_id,
        "kind": types.STATION_KIND_CITIZEN,
        "location": scratch.PLACE,
        "sensor": scratch.sensor(str(uuid.uuid4())),
        "columns": [scratch.columns(station.datastream_id, (1, 1.0))],
        "from_us": scratch.NOON_US,
        "to_us": scratch.NOON_US + DAY_US,
        "reason": 1,
        "selection": types.SELECTION_ALL,
        "period": types.PERIOD_DAY,
        "first_day": "2020-03-01",
        "last_day": "2020-03-31",
        "year": 2020,
    }
    known = getattr(stubs.load().service, f"{rpc}Request").DESCRIPTOR.fields_by_name
    good = {name: value for name, value in fields.items() if name in known}
    return good | {"station_id": str(uuid.uuid4())} if rpc == "RegisterStation" else good


def _general(rpc: str, good: dict[str, Any]) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    known = getattr(stubs.load().service, f"{rpc}Request").DESCRIPTOR.fields_by_name
    wrong: dict[str, list[Any]] = {
        "tenant": ["", "No Tenant", "a" * 64],
        # Version 4 tells no time.
        "request_id": ["", NO_ID, str(uuid.uuid4())],
        "station_id": ["", NO_ID],
        "datastream_id": ["", NO_ID],
        "selection": [NO_ENUM_VALUE],
        "page_token": ["no token"],
        "consistency_token": ["no token"],
    }
    return [((name,), {name: value}) for name, values in wrong.items() if name in known for value in values]


def _specific(station: scratch.Station) -> list[tuple[str, tuple[str, ...], dict[str, Any]]]:
    wrong: list[tuple[str, str | tuple[str, ...], dict[str, Any]]] = []
    for rpc in ("RegisterStation", "RelocateStation"):
        wrong += [(rpc, name, change) for name, change in _wrong_places()]
    wrong += [("RegisterStation", "kind", {"kind": kind}) for kind in (0, NO_ENUM_VALUE)]
    wrong += [("RegisterSensor", name, {"sensor": sensor}) for name, sensor in _wrong_sensors()]
    wrong += [("RecordObservations", names, {"columns": columns}) for names, columns in _wrong_columns(station)]
    wrong += [("FlagObservations", "reason", {"reason": reason}) for reason in (0, NO_ENUM_VALUE)]
    wrong += [
        ("FlagObservations", ("from_us", "to_us"), {"to_us": scratch.NOON_US + length})
        for length in (0, -1, 31 * DAY_US + 1)
    ]
    wrong += [(rpc, "page_size", {"page_size": size}) for rpc, size in _PAGES_TOO_LONG.items()]
    wrong += [("ListMeans", "period", {"period": period}) for period in (0, NO_ENUM_VALUE)]
    wrong += [("ListMeans", name, {name: day}) for name in ("first_day", "last_day") for day in _NO_DAYS]
    wrong += [("CheckLimits", "year", {"year": year}) for year in (0, 10_000)]
    return [(rpc, (names,) if isinstance(names, str) else names, change) for rpc, names, change in wrong]


_PAGES_TOO_LONG = {"ListStations": 501, "ListObservations": 10_001, "ListMeans": 1_001}
_NO_DAYS = ("", "28.07.2018", "2019-02-29", "2018-07-28T14")


def _wrong_places() -> list[tuple[str, dict[str, Any]]]:
    place = scratch.PLACE
    return [
        ("location", {"location": None}),
        ("location.latitude", {"location": place | {"latitude": 90.5}}),
        ("location.latitude", {"location": place | {"latitude": math.nan}}),
        ("location.longitude", {"location": place | {"longitude": -180.5}}),
        ("location.longitude", {"location": place | {"longitude": math.inf}}),
        # Wellington: on Earth, but not on the European grid.
        ("location", {"location": {"latitude": -41.2889, "longitude": 174.7772}}),
        ("cell_size_m", {"cell_size_m": 251}),
    ]


def _wrong_sensors() -> list[tuple[str | tuple[str, ...], dict[str, Any] | None]]:
    datastream_id = str(uuid.uuid4())
    of_datastream = "sensor.datastreams"

    def with_datastream(**fields: Any) -> dict[str, Any]:
        return scratch.sensor(datastream_id, datastreams=[scratch.datastream(datastream_id) | fields])

    return [
        ("sensor", None),
        ("sensor.sensor_id", scratch.sensor(datastream_id, sensor_id=NO_ID)),
        ("sensor.model", scratch.sensor(datastream_id, model="")),
        ("sensor.model", scratch.sensor(datastream_id, model="SDS 011")),
        (of_datastream, scratch.sensor(datastream_id, datastreams=[])),
        (
            (of_datastream, f"{of_datastream}.datastream_id"),
            scratch.sensor(datastream_id, datastreams=[scratch.datastream(datastream_id)] * 2),
        ),
        (f"{of_datastream}.datastream_id", with_datastream(datastream_id=NO_ID)),
        (f"{of_datastream}.observed_property", with_datastream(observed_property=0)),
        (f"{of_datastream}.observed_property", with_datastream(observed_property=NO_ENUM_VALUE)),
        (f"{of_datastream}.unit", with_datastream(unit="mg/m3")),
        (f"{of_datastream}.expected_interval_s", with_datastream(expected_interval_s=0)),
        (f"{of_datastream}.expected_interval_s", with_datastream(expected_interval_s=86_401)),
    ]


def _wrong_columns(station: scratch.Station) -> list[tuple[str | tuple[str, ...], list[dict[str, Any]]]]:
    column = scratch.columns(station.datastream_id, (1, 1.0), (2, 2.0), (3, 3.0))
    # In every case the first column is good: it must not be stored either.
    good = scratch.columns(station.datastream_id, (4, 4.0))
    lengths = ("columns", "columns.result", "columns.phenomenon_time_us")
    far_future_us = 2**63 - 1
    too_many = scratch.columns(station.datastream_id, *((after, 1.0) for after in range(10_000)))
    return [
        ("columns.datastream_id", [good, column | {"datastream_id": NO_ID}]),
        ("columns.result", [good, column | {"result": [1.0, math.nan, 3.0]}]),
        ("columns.result", [good, column | {"result": [1.0, 2.0, -math.inf]}]),
        ("columns.phenomenon_time_us", [good, column | {"phenomenon_time_us": [1, 2, far_future_us]}]),
        (lengths, [good, column | {"result": [1.0, 2.0]}]),
        (lengths, [good, column | {"phenomenon_time_us": []}]),
        (lengths, [good, too_many]),
    ]

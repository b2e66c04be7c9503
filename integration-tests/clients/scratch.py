"""A station of the tests' own, in a tenant that takes what tests write."""

from __future__ import annotations

import uuid
from typing import Any

import stubs
from platform_client import Client, request_id

# 2020-03-01T12:00:00Z, and the years around it, in microseconds since 1970-01-01T00:00:00Z.
NOON_US = 1_583_064_000_000_000
FROM_US, TO_US = 1_546_300_800_000_000, 1_640_995_200_000_000
# In the middle of Cologne: a public square, nobody's home.
PLACE = {"latitude": 50.9387, "longitude": 6.9583}


class Station:
    """A citizen's station with an SDS011 that measures PM10, registered when this is made."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.station_id, self.datastream_id = str(uuid.uuid4()), str(uuid.uuid4())
        self._tokens: list[str] = []
        self.write("RegisterStation", kind=stubs.load().types.STATION_KIND_CITIZEN, location=PLACE, cell_size_m=1_000)
        self.write("RegisterSensor", sensor=sensor(self.datastream_id))

    def write(self, rpc: str, /, **fields: Any) -> Any:
        """A change of this station."""
        answer = self.client.call(rpc, request_id=request_id(), station_id=self.station_id, **fields)
        self._tokens.append(answer.consistency_token)
        return answer

    def record(self, *readings: tuple[int, float]) -> Any:
        """Stores readings: microseconds after noon and µg/m³."""
        return self.write("RecordObservations", columns=[columns(self.datastream_id, *readings)])

    def settle(self) -> None:
        """Waits until reads show all that was written."""
        while self._tokens:
            token = self._tokens.pop(0)
            self.client.call("GetStation", station_id=self.station_id, consistency_token=token)
            self.client.call("ListStations", page_size=1, consistency_token=token)

    def observations(self, **fields: Any) -> list[Any]:
        """All observations, in order of time."""
        fields = {"selection": stubs.load().types.SELECTION_ALL, "from_us": FROM_US, "to_us": TO_US, **fields}
        return self.client.entries(
            "ListObservations",
            "observations",
            station_id=self.station_id,
            datastream_id=self.datastream_id,
            **fields,
        )

    def conflicts(self) -> list[Any]:
        """Values that contradicted stored ones."""
        return self.client.entries(
            "ListConflicts", "conflicts", station_id=self.station_id, datastream_id=self.datastream_id
        )


def sensor(datastream_id: str, **fields: Any) -> dict[str, Any]:
    """An SDS011 that measures PM10 about every 145 s."""
    return {"sensor_id": str(uuid.uuid4()), "model": "SDS011", "datastreams": [datastream(datastream_id)], **fields}


def datastream(datastream_id: str, **fields: Any) -> dict[str, Any]:
    """PM10 in µg/m³, about every 145 s."""
    pm10 = stubs.load().types.OBSERVED_PROPERTY_PM10
    return {"datastream_id": datastream_id, "observed_property": pm10, "expected_interval_s": 145, **fields}


def columns(datastream_id: str, *readings: tuple[int, float]) -> dict[str, Any]:
    """Readings of a datastream: microseconds after noon and µg/m³."""
    return {
        "datastream_id": datastream_id,
        "phenomenon_time_us": [NOON_US + after for after, _ in readings],
        "result": [result for _, result in readings],
    }

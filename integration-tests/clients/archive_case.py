"""What the tests of an imported archive share: the station, questions to the platform, the calculated answers.

Before: `allmende import sensor-community FILES --tenant T`, into a tenant that holds nothing else.
"""

from __future__ import annotations

import math
import time
import unittest
from functools import cache
from typing import Any

import archive
import platform_client
import settings
import stubs
from oracle import PROPERTIES, Oracle
from privacy import Guard

# The archive's weeks: moments in microseconds since 1970-01-01T00:00:00Z, and air-quality days.
FROM_US, TO_US = 1_530_921_600_000_000, 1_535_846_400_000_000
FIRST_DAY, LAST_DAY = "2018-07-07", "2018-09-01"
# How long views may take to show an import that has ended, in seconds.
VIEWS_WITHIN_S = 120.0


@cache
def calculated() -> Oracle:
    """The box in the test data."""
    return Oracle(archive.read(settings.archive_files()))


def enum(name: str) -> int:
    """Number of an enum's value."""
    return int(getattr(stubs.load().types, name))


def is_close(a: float, b: float) -> bool:
    """To 1e-9 of the unit; pressures near 100,000 Pa to what a double can hold of a mean."""
    return math.isclose(a, b, rel_tol=1e-13, abs_tol=1e-9)


class ArchiveCase(unittest.TestCase):
    """Asks a running platform for the box: SDS011 and BME280."""

    client: platform_client.Client
    elsewhere: platform_client.Client
    guard: Guard
    oracle: Oracle
    station: Any
    datastreams: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        platform = settings.platform()
        cls.oracle = calculated()
        cls.guard = Guard(cls.oracle.box.origin)
        channel = cls.enterClassContext(platform.channel())
        cls.client = platform_client.Client(channel, platform.token, platform.tenant, cls.guard.look_at)
        cls.elsewhere = platform_client.Client(channel, platform.token, platform.scratch_tenant, cls.guard.look_at)
        stations = cls.client.entries("ListStations", "stations")
        if len(stations) != 1:
            raise AssertionError(f"tenant {platform.tenant} holds {len(stations)} stations, expected the imported one")
        cls.station = stations[0]
        cls.datastreams = {
            cls.name_of(datastream.observed_property): datastream
            for sensor in cls.station.sensors
            for datastream in sensor.datastreams
        }
        cls.wait_for_views()

    @classmethod
    def wait_for_views(cls) -> None:
        expected = {cls.oracle.latest(prop)[0] for prop in PROPERTIES}
        deadline = time.monotonic() + VIEWS_WITHIN_S
        while time.monotonic() < deadline:
            latest = cls.client.call("GetLatest", station_id=cls.station.station_id).latest
            if {entry.observation.phenomenon_time_us for entry in latest} == expected:
                return
            time.sleep(0.2)

    @staticmethod
    def name_of(observed_property: int) -> str:
        name: str = stubs.load().types.ObservedProperty.Name(observed_property)
        return name.removeprefix("OBSERVED_PROPERTY_").lower()

    def tearDown(self) -> None:
        self.assertEqual(self.guard.leaks, [], "an answer gives the box's place away")

    def of(self, prop: str) -> dict[str, str]:
        return {"station_id": self.station.station_id, "datastream_id": self.datastreams[prop].datastream_id}

    def observations(self, prop: str, selection: str = "ALL", **fields: Any) -> list[Any]:
        fields = {"from_us": FROM_US, "to_us": TO_US, "page_size": 10_000, **fields}
        selected = enum(f"SELECTION_{selection}")
        return self.client.entries("ListObservations", "observations", selection=selected, **self.of(prop), **fields)

    def means(self, prop: str, selection: str, period: str, **fields: Any) -> list[Any]:
        fields = {"first_day": FIRST_DAY, "last_day": LAST_DAY, **fields}
        asked = {"selection": enum(f"SELECTION_{selection}"), "period": enum(f"PERIOD_{period}")}
        return self.client.entries("ListMeans", "means", **asked, **self.of(prop), **fields)

    def limits(self, prop: str, selection: str, rule_set_id: str) -> Any:
        asked = {"selection": enum(f"SELECTION_{selection}"), "year": self.oracle.year, "rule_set_id": rule_set_id}
        return self.client.call("CheckLimits", **asked, **self.of(prop))

"""An imported box is one citizen's station; nobody learns where exactly it stands."""

from __future__ import annotations

import math
import unittest
from typing import Any

import grpc

import errors
import grid
import platform_client
from archive_case import ArchiveCase, enum
from means import EXPECTED_INTERVAL_S
from oracle import CLIMATE_PROPERTIES, PARTICLE_PROPERTIES

UNITS = {"pm10": "ug/m3", "pm25": "ug/m3", "air_temperature": "Cel", "relative_humidity": "%", "air_pressure": "Pa"}
CELL_SIZES_M = {250, 500, 1_000, 2_000, 5_000, 10_000}


class Station(ArchiveCase):
    """Its properties, and who sees it."""

    def test_the_box_is_one_citizens_station_with_two_sensors(self) -> None:
        self.assertEqual(self.station.kind, enum("STATION_KIND_CITIZEN"))
        self.assertFalse(self.station.HasField("retired_at_us"))
        measures = {
            sensor.model: {self.name_of(datastream.observed_property) for datastream in sensor.datastreams}
            for sensor in self.station.sensors
        }
        self.assertEqual(measures, {"SDS011": set(PARTICLE_PROPERTIES), "BME280": set(CLIMATE_PROPERTIES)})
        self.assertEqual({prop: stream.unit for prop, stream in self.datastreams.items()}, UNITS)
        self.assertEqual({stream.expected_interval_s for stream in self.datastreams.values()}, {EXPECTED_INTERVAL_S})
        self.assertEqual(self.client.call("GetStation", station_id=self.station.station_id).station, self.station)

    def test_stations_are_the_same_in_pages_of_one(self) -> None:
        pages = list(self.client.pages("ListStations", page_size=1))
        self.assertEqual([list(page.stations) for page in pages], [[self.station]])

    def test_only_a_cell_of_the_grid_is_published(self) -> None:
        origin, cell = self.oracle.box.origin, self.station.cell
        self.assertIn(cell.size_m, CELL_SIZES_M)
        expected = grid.Cell.around(origin.latitude, origin.longitude, cell.size_m)
        self.assertEqual(grid.Cell.parse(cell.code), expected)
        centre = grid.project(cell.centre.latitude, cell.centre.longitude)
        self.assertLess(math.dist(centre, expected.centre_m), 1.0, "metres between the centres")

    def test_another_tenant_sees_nothing_of_the_box(self) -> None:
        listed = self.elsewhere.entries("ListStations", "stations")
        self.assertNotIn(self.station.station_id, {station.station_id for station in listed})
        self.assert_unknown("STATION_UNKNOWN", self.elsewhere, "GetStation", station_id=self.station.station_id)

    def test_what_is_unknown_is_not_found(self) -> None:
        nobody = "00000000-0000-4000-8000-000000000000"
        self.assert_unknown("STATION_UNKNOWN", self.client, "GetLatest", station_id=nobody)
        stream = self.of("pm10") | {"datastream_id": nobody}
        self.assert_unknown("DATASTREAM_UNKNOWN", self.client, "ListConflicts", **stream)
        rules = {"year": 2018, "selection": enum("SELECTION_ALL"), "rule_set_id": "eu-1899-1"}
        self.assert_unknown("RULE_SET_UNKNOWN", self.client, "CheckLimits", **self.of("pm10"), **rules)

    def assert_unknown(self, reason: str, client: platform_client.Client, rpc: str, **fields: Any) -> None:
        with self.assertRaises(grpc.RpcError) as raised:
            client.call(rpc, **fields)
        refusal = errors.read(raised.exception)
        self.assertEqual((refusal.code, refusal.reason), (grpc.StatusCode.NOT_FOUND, reason), refusal)


if __name__ == "__main__":
    unittest.main()

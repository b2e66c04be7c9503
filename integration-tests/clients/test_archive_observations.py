"""Every reading of the archive is stored once, as it was, with the flags that pandas finds."""

from __future__ import annotations

import unittest
from typing import Any

import pandas as pd

from archive_case import ArchiveCase, enum
from oracle import FLAGS, PARTICLE_PROPERTIES, PROPERTIES


class Observations(ArchiveCase):
    """Readings, flags, latest values, conflicts."""

    def test_every_reading_is_stored_once_with_its_value_and_flags(self) -> None:
        for prop in PROPERTIES:
            with self.subTest(prop):
                answers = self.observations(prop)
                expected = self.oracle.observations(prop)
                self.assertEqual(len(answers), 31_442 if prop in PARTICLE_PROPERTIES else 31_471)
                stored = pd.DataFrame([self.row(answer) for answer in answers])
                expected = expected.assign(time=expected["time"].astype("int64"), manual=False)
                pd.testing.assert_frame_equal(stored, expected[stored.columns], check_exact=True, check_dtype=False)

    def row(self, observation: Any) -> dict[str, Any]:
        row = {"time": observation.phenomenon_time_us, "result": observation.result}
        for flag in (*FLAGS, "manual"):
            row[flag] = enum(f"QUALITY_FLAG_{flag.upper()}") in observation.flags
        self.assertEqual(len(observation.flags), sum(row[flag] for flag in (*FLAGS, "manual")), "no flag twice")
        return row

    def test_dry_readings_are_those_at_a_known_humidity_of_70_percent_or_less(self) -> None:
        for prop in PARTICLE_PROPERTIES:
            with self.subTest(prop):
                dry = self.observations(prop, "DRY")
                expected = self.oracle.observations(prop, "DRY")
                self.assertEqual([o.phenomenon_time_us for o in dry], list(expected["time"].astype("int64")))
                self.assertEqual([o.result for o in dry], list(expected["result"]))
                # Nothing is out of range and nobody marked anything, so these are the same ones.
                self.assertEqual(self.observations(prop, "UNFLAGGED"), dry)

    def test_a_range_takes_its_start_in_and_leaves_its_end_out(self) -> None:
        times = list(self.oracle.observations("pm10")["time"].head(4).astype("int64"))
        listed = self.observations("pm10", from_us=times[1], to_us=times[3])
        self.assertEqual([observation.phenomenon_time_us for observation in listed], times[1:3])
        self.assertEqual(self.observations("pm10", from_us=times[1], to_us=times[3], page_size=1), listed)

    def test_pages_of_any_length_make_the_same_series(self) -> None:
        whole = self.observations("pm25")
        for page_size in (0, 977):
            self.assertEqual(self.observations("pm25", page_size=page_size), whole, f"pages of {page_size}")

    def test_the_latest_observation_is_the_archives_last(self) -> None:
        latest = self.client.call("GetLatest", station_id=self.station.station_id).latest
        self.assertEqual(len(latest), len(PROPERTIES))
        for entry in latest:
            prop = self.name_of(entry.datastream.observed_property)
            with self.subTest(prop):
                self.assertEqual(entry.datastream, self.datastreams[prop])
                observation = entry.observation
                self.assertEqual((observation.phenomenon_time_us, observation.result), self.oracle.latest(prop))
                self.assertEqual(observation, self.observations(prop)[-1])

    def test_no_reading_contradicts_another(self) -> None:
        for prop in PROPERTIES:
            self.assertEqual(self.client.entries("ListConflicts", "conflicts", **self.of(prop)), [], prop)


if __name__ == "__main__":
    unittest.main()

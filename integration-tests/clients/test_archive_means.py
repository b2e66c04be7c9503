"""Means by hour, day and year equal those of pandas, for all values and for the dry ones side by side."""

from __future__ import annotations

import unittest
from typing import Any

import pandas as pd

from archive_case import ArchiveCase, is_close
from means import REQUIRED_HOURS, REQUIRED_READINGS
from oracle import CLIMATE_PROPERTIES, PARTICLE_PROPERTIES, SELECTIONS


class PeriodMeans(ArchiveCase):
    """Labels, counts, validity and means to 1e-9."""

    def test_hourly_means(self) -> None:
        for prop, selection in self.series():
            with self.subTest(prop, selection=selection):
                expected = self.oracle.means(prop, selection).hours
                self.assert_means(self.means(prop, selection, "HOUR"), expected, REQUIRED_READINGS)

    def test_daily_means(self) -> None:
        for prop, selection in self.series():
            with self.subTest(prop, selection=selection):
                expected = self.oracle.means(prop, selection).days
                listed = self.means(prop, selection, "DAY")
                self.assert_means(listed, expected, REQUIRED_HOURS)
                self.assertEqual(self.means(prop, selection, "DAY", page_size=1), listed)

    def test_the_yearly_mean_is_there_but_not_valid(self) -> None:
        for prop, selection in self.series():
            with self.subTest(prop, selection=selection):
                expected = self.oracle.means(prop, selection)
                (year,) = self.means(prop, selection, "YEAR", first_day="2018-01-01", last_day="2018-12-31")
                # 2018-01-01T00:00 in UTC+1.
                self.assertEqual((year.label, year.start_us), ("2018", 1_514_761_200_000_000))
                self.assertEqual((year.count, year.required), (expected.valid_days, expected.required_days))
                self.assertFalse(year.valid)
                assert expected.year_mean is not None
                self.assertTrue(is_close(year.mean, expected.year_mean), f"{year.mean} is not {expected.year_mean}")

    @staticmethod
    def series() -> list[tuple[str, str]]:
        of_particles = [(prop, selection) for prop in PARTICLE_PROPERTIES for selection in SELECTIONS]
        return of_particles + [(prop, "ALL") for prop in CLIMATE_PROPERTIES]

    def assert_means(self, listed: list[Any], expected: pd.DataFrame, required: int) -> None:
        """Periods that nothing is the mean of may be listed or left out; they have no mean."""
        self.assertEqual([mean.start_us for mean in listed], sorted({mean.start_us for mean in listed}))
        self.assertEqual({mean.required for mean in listed}, {required})
        for mean in listed:
            self.assertEqual(mean.HasField("mean"), mean.count > 0, mean.label)
        filled = {mean.label: mean for mean in listed if mean.count > 0}
        expected = expected[expected["count"] > 0]
        self.assertEqual(list(filled), list(expected.index))
        for label, row in expected.to_dict("index").items():
            mean = filled[label]
            self.assertEqual(
                (mean.start_us, mean.count, mean.valid), (row["start_us"], row["count"], row["valid"]), label
            )
            self.assertTrue(is_close(mean.mean, row["mean"]), f"{label}: {mean.mean} is not {row['mean']}")


if __name__ == "__main__":
    unittest.main()

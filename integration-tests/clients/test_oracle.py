"""The independent calculation, held against cases small enough to do by hand."""

from __future__ import annotations

import unittest

import pandas as pd

import archive
import grid
import humidity
import limits
import settings
import statements
from means import Means, means_of
from oracle import Oracle


def seconds(*offsets: int) -> pd.Series:
    """Times so many seconds after 2018-07-28T00:00:00Z."""
    return pd.Series(pd.Timestamp("2018-07-28", tz="UTC") + pd.to_timedelta(offsets, unit="s")).astype(
        "datetime64[us, UTC]"
    )


def observations(times: pd.Series, result: float = 10.0) -> pd.DataFrame:
    """The same result, in µg/m³, at all times."""
    return pd.DataFrame({"time": times, "result": result})


class HumidityPairing(unittest.TestCase):
    def paired(self, at: int, readings: dict[int, float]) -> float:
        climate = pd.DataFrame({"time": seconds(*readings), "relative_humidity": list(readings.values())})
        return float(humidity.nearest_humidity(seconds(at), climate).iloc[0])

    def test_the_nearest_reading_counts_and_the_earlier_of_two_equally_near(self) -> None:
        self.assertEqual(self.paired(100, {0: 60.0, 150: 80.0}), 80.0)
        self.assertEqual(self.paired(100, {0: 60.0, 200: 80.0}), 60.0)
        self.assertEqual(self.paired(100, {0: 60.0, 100: 75.0, 101: 80.0}), 75.0)

    def test_150_seconds_are_near_enough_and_151_are_not(self) -> None:
        self.assertEqual(self.paired(150, {0: 60.0}), 60.0)
        self.assertEqual(self.paired(0, {150: 60.0}), 60.0)
        self.assertTrue(pd.isna(self.paired(151, {0: 60.0})))
        self.assertTrue(pd.isna(self.paired(0, {151: 60.0})))


class PeriodMeans(unittest.TestCase):
    def test_days_and_hours_start_by_standard_time(self) -> None:
        # 23:00 UTC is midnight in UTC+1.
        means = means_of(observations(seconds(-3_601, -3_600)), 2018)
        self.assertEqual(list(means.hours.index), ["2018-07-27T23", "2018-07-28T00"])
        self.assertEqual(list(means.hours["start_us"]), [1_532_728_800_000_000, 1_532_732_400_000_000])
        self.assertEqual(list(means.days.index), ["2018-07-27", "2018-07-28"])

    def test_an_hour_needs_18_readings_and_a_day_18_hours(self) -> None:
        hour = [second * 200 for second in range(18)]
        day = [start * 3_600 - 3_600 + second for start in range(18) for second in hour]
        means = means_of(observations(seconds(*day)), 2018)
        self.assertEqual((means.valid_hours, means.valid_days, means.year_mean), (18, 1, 10.0))
        means = means_of(observations(seconds(*day[1:])), 2018)
        self.assertEqual((means.valid_hours, means.valid_days, means.year_mean), (17, 0, None))

    def test_a_year_needs_90_percent_of_its_days(self) -> None:
        required = {year: means_of(observations(seconds(0)), year).required_days for year in (2018, 2020)}
        self.assertEqual(required, {2018: 329, 2020: 330})


class LimitValues(unittest.TestCase):
    def days_at(self, count: int, mean: float, of: int = 365) -> Means:
        labels = pd.date_range("2018-01-01", periods=of).strftime("%Y-%m-%d")
        table = pd.DataFrame({"mean": [mean] * count + [5.0] * (of - count), "valid": True}, index=labels)
        return Means(table.head(0), table, 2018, float(table["mean"].mean()), of, 329)

    def verdict(self, rules: limits.RuleSet, days: Means) -> tuple[str, int]:
        day_limit = next(limit for limit in rules.limits if limit.name == "pm10-day")
        check = limits.check(rules, day_limit, days)
        return check.verdict, check.exceedances

    def test_rounding_comes_last_and_takes_a_half_up(self) -> None:
        rounded = {mean: limits.round_half_up(mean) for mean in (50.4, 50.5, 49.5, 50.49, 0.1 * 505)}
        self.assertEqual(rounded, {50.4: 50, 50.5: 51, 49.5: 50, 50.49: 50, 0.1 * 505: 51})
        self.assertEqual(self.verdict(limits.EU_2008_50, self.days_at(36, 50.4)), ("KEPT", 0))

    def test_36_days_above_50_exceed_and_35_do_not(self) -> None:
        self.assertEqual(self.verdict(limits.EU_2008_50, self.days_at(35, 50.5)), ("KEPT", 35))
        self.assertEqual(self.verdict(limits.EU_2008_50, self.days_at(36, 50.5)), ("EXCEEDED", 36))

    def test_from_2030_19_days_above_45_exceed_and_18_do_not(self) -> None:
        self.assertEqual(self.verdict(limits.EU_2024_2881, self.days_at(18, 46.0)), ("KEPT", 18))
        self.assertEqual(self.verdict(limits.EU_2024_2881, self.days_at(19, 46.0)), ("EXCEEDED", 19))

    def test_eight_weeks_give_no_verdict_unless_too_many_days_exceed(self) -> None:
        self.assertEqual(self.verdict(limits.EU_2008_50, self.days_at(2, 60.0, of=56)), ("INSUFFICIENT_DATA", 2))
        self.assertEqual(self.verdict(limits.EU_2008_50, self.days_at(36, 60.0, of=56)), ("EXCEEDED", 36))


class EuropeanGrid(unittest.TestCase):
    def test_the_projection_gives_the_published_example(self) -> None:
        # IOGP Guidance Note 7-2, Lambert Azimuthal Equal Area, ETRS89 / LAEA Europe: 50° N 5° E.
        easting, northing = grid.project(50.0, 5.0)
        self.assertAlmostEqual(easting, 3_962_799.45, places=2)
        self.assertAlmostEqual(northing, 2_999_718.85, places=2)


class StatementsOnTheBox(unittest.TestCase):
    """What the documentation says of the real box."""

    oracle: Oracle

    @classmethod
    def setUpClass(cls) -> None:
        cls.oracle = Oracle(archive.read(settings.archive_files()))

    def test_57_percent_of_the_readings_are_humid_and_34_unknown(self) -> None:
        series = self.oracle.observations("pm10")
        self.assertEqual((len(series), len(self.oracle.box.climate)), (31_442, 31_471))
        self.assertEqual(int(series["humidity_unknown"].sum()), 34)
        self.assertEqual(int(series["humid"].sum()), 17_811)
        self.assertEqual(round(100 * series["humid"].mean()), 57)

    def test_without_the_humid_ones_3_valid_days_of_54_are_left(self) -> None:
        for prop in ("pm10", "pm25"):
            of_all, of_dry = (self.oracle.means(prop, selection) for selection in ("ALL", "DRY"))
            self.assertEqual((of_all.valid_days, of_dry.valid_days), (54, 3))
            self.assertEqual((of_all.valid_hours, of_dry.valid_hours), (1_300, 526))

    def test_a_day_by_summer_time_differs_by_12_micrograms(self) -> None:
        by_clock = statements.day_means_by_clock(self.oracle, "pm10")
        self.assertEqual(round(by_clock["UTC+2"] - by_clock["UTC"]), 12)

    def test_two_days_lie_above_the_daily_limit_and_no_limit_gets_a_verdict(self) -> None:
        for rules in limits.RULE_SETS:
            for check in self.oracle.checks(rules, "pm10", "ALL") + self.oracle.checks(rules, "pm25", "ALL"):
                self.assertEqual(check.verdict, "INSUFFICIENT_DATA", check.rule_id)
                days = ["2018-07-27", "2018-07-28"] if check.rule_id.endswith("/pm10-day") else []
                self.assertEqual(check.exceeded, days, check.rule_id)


if __name__ == "__main__":
    unittest.main()

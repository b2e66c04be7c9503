"""Means by hour, day and year, in the unit of their property and unrounded.

An hour, named by its start, is valid with 75 % of the readings expected at the firmware's rhythm; a day's mean is the
mean of its valid hours, valid with 18; a year's is the mean of its valid days and needs 90 % of the year's days.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

# Fixed local standard time, all year.
STANDARD_TIME = pd.Timedelta(hours=1)
EXPECTED_INTERVAL_S = 145
READINGS_PER_HOUR = 3_600 // EXPECTED_INTERVAL_S
REQUIRED_READINGS = -(-READINGS_PER_HOUR * 75 // 100)
REQUIRED_HOURS = 18
REQUIRED_DAYS_PERCENT = 90


@dataclass(frozen=True)
class Means:
    """Means of one property and selection.

    The tables hold only periods with readings, are indexed by label (`2018-07-28T14`, `2018-07-28`) and have the
    columns start_us (microseconds since 1970-01-01T00:00:00Z), mean, count and valid.
    """

    hours: pd.DataFrame
    days: pd.DataFrame
    year: int
    year_mean: float | None
    """Mean of the valid days; present also where they are too few."""
    valid_days: int
    """Of the year."""
    required_days: int
    """What the year needs: 329 of 365, 330 of 366."""

    @property
    def valid_hours(self) -> int:
        """Hours with enough readings."""
        return int(self.hours["valid"].sum())


def means_of(observations: pd.DataFrame, year: int, offset: pd.Timedelta = STANDARD_TIME) -> Means:
    """Means of `result` over hours and days of UTC + `offset`; `time` is UTC and ascends."""
    local = observations["time"] + offset
    by_hour = observations.groupby(local.dt.floor("h"))["result"]
    hours = pd.DataFrame({"mean": by_hour.mean(), "count": by_hour.size()})
    hours["valid"] = hours["count"] >= REQUIRED_READINGS

    # A day with readings but no valid hour stays in the table, without a mean.
    of_day = hours["mean"].where(hours["valid"]).groupby(hours.index.floor("D"))
    days = pd.DataFrame({"mean": of_day.mean(), "count": of_day.count()})
    days["valid"] = days["count"] >= REQUIRED_HOURS

    of_year = days[days["valid"] & (days.index.year == year)]["mean"]
    days_of_year = 366 if pd.Timestamp(year, 1, 1).is_leap_year else 365
    return Means(
        hours=_labelled(hours, "%Y-%m-%dT%H", offset),
        days=_labelled(days, "%Y-%m-%d", offset),
        year=year,
        year_mean=float(of_year.mean()) if len(of_year) else None,
        valid_days=len(of_year),
        required_days=-(-days_of_year * REQUIRED_DAYS_PERCENT // 100),
    )


def micros(times: pd.Series | pd.DatetimeIndex) -> list[int]:
    """Microseconds since 1970-01-01T00:00:00Z."""
    return [stamp.value // 1_000 for stamp in times]


def _labelled(table: pd.DataFrame, form: str, offset: pd.Timedelta) -> pd.DataFrame:
    table.insert(0, "start_us", micros(table.index - offset))
    table.index = pd.Index(table.index.strftime(form), name="label")
    return table

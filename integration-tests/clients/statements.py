"""What the documentation says of the box in the test data, counted anew: `python statements.py FILES`."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import archive
import limits
from means import STANDARD_TIME, means_of
from oracle import PARTICLE_PROPERTIES, SELECTIONS, Oracle

# A day on which the choice of the clock matters, and the clocks compared.
DAY = "2018-07-28"
CLOCKS = {"UTC": pd.Timedelta(0), "UTC+1": STANDARD_TIME, "UTC+2": pd.Timedelta(hours=2)}


def day_means_by_clock(oracle: Oracle, prop: str) -> dict[str, float]:
    """Mean of all values of 28 July 2018 in µg/m³, with the day's borders taken from different clocks."""
    observations = oracle.observations(prop)
    return {
        clock: float(means_of(observations, oracle.year, offset).days.loc[DAY, "mean"])
        for clock, offset in CLOCKS.items()
    }


def print_all(oracle: Oracle) -> None:
    """Prints counts, means in µg/m³ and limit checks."""
    for prop in PARTICLE_PROPERTIES:
        series = oracle.observations(prop)
        humid, unknown = int(series["humid"].sum()), int(series["humidity_unknown"].sum())
        print(f"{prop}: {len(series)} observations, {int(series['out_of_range'].sum())} out of range")
        print(f"  humid {humid} ({humid / len(series):.2%}), unknown {unknown}, dry {len(series) - humid - unknown}")
        for selection in SELECTIONS:
            _print_selection(oracle, prop, selection)
        by_clock = ", ".join(f"{clock} {mean:.4f}" for clock, mean in day_means_by_clock(oracle, prop).items())
        print(f"  mean of {DAY} by clock: {by_clock}")
    percent = oracle.box.climate["relative_humidity"]
    print(f"climate: {len(percent)} rows, humidity {percent.min():g} to {percent.max():g} %")


def _print_selection(oracle: Oracle, prop: str, selection: str) -> None:
    means = oracle.means(prop, selection)
    print(
        f"  {selection}: {means.valid_hours} valid of {len(means.hours)} hours, "
        f"{means.valid_days} valid of {len(means.days)} days, mean of the valid days {means.year_mean:.6f}"
    )
    for check in [check for rules in limits.RULE_SETS for check in oracle.checks(rules, prop, selection)]:
        days = f": {', '.join(check.exceeded)}" if check.exceeded else ""
        print(f"    {check.rule_id}: {check.verdict}, {check.exceedances} above {check.limit:g}{days}")


if __name__ == "__main__":
    print_all(Oracle(archive.read([Path(file) for file in sys.argv[1:]])))

"""What the platform must say about a box's archive, calculated with pandas and none of the platform's code.

Runs alone: `python oracle.py FILES --json OUT` writes counts, flags, means and limit checks. Means are in the unit of
their property, unrounded; times are microseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

import archive
import humidity
import limits
from means import Means, means_of, micros

PARTICLE_PROPERTIES = tuple(archive.PARTICLES.values())
CLIMATE_PROPERTIES = tuple(archive.CLIMATE.values())
PROPERTIES = PARTICLE_PROPERTIES + CLIMATE_PROPERTIES
SELECTIONS = ("ALL", "DRY")
FLAGS = ("out_of_range", "humid", "humidity_unknown")

# What the makers state, both ends included: SDS011 in µg/m³; BME280 in °C, %, Pa.
MAKER_RANGES = {
    "pm10": (0.0, 999.9),
    "pm25": (0.0, 999.9),
    "air_temperature": (-40.0, 85.0),
    "relative_humidity": (0.0, 100.0),
    "air_pressure": (30_000.0, 110_000.0),
}


class Oracle:
    """Everything that can be known of one box's archive."""

    def __init__(self, box: archive.Archive, year: int = 2018) -> None:
        self.box = box
        self.year = year
        self._percent = humidity.nearest_humidity(box.particles["time"], box.climate)
        self._series = {prop: self._judge(prop) for prop in PROPERTIES}
        self._means: dict[tuple[str, str], Means] = {}

    def observations(self, prop: str, selection: str = "ALL") -> pd.DataFrame:
        """time (UTC), result and one column of booleans per flag, ascending in time."""
        series = self._series[prop]
        return series if selection == "ALL" else series[~series["humid"] & ~series["humidity_unknown"]]

    def latest(self, prop: str) -> tuple[int, float]:
        """Time in microseconds since 1970-01-01T00:00:00Z and result of the last observation."""
        last = self._series[prop].tail(1)
        return micros(last["time"])[0], float(last["result"].iloc[0])

    def means(self, prop: str, selection: str) -> Means:
        """Hour, day and year means."""
        key = (prop, selection)
        if key not in self._means:
            self._means[key] = means_of(self.observations(prop, selection), self.year)
        return self._means[key]

    def checks(self, rules: limits.RuleSet, prop: str, selection: str) -> list[limits.Check]:
        """Each limit of the set on the property, held against the year."""
        means = self.means(prop, selection)
        return [limits.check(rules, limit, means) for limit in rules.limits if limit.prop == prop]

    def _judge(self, prop: str) -> pd.DataFrame:
        particles = prop in PARTICLE_PROPERTIES
        source = self.box.particles if particles else self.box.climate
        series = pd.DataFrame({"time": source["time"], "result": source[prop]})
        series["out_of_range"] = ~series["result"].between(*MAKER_RANGES[prop], inclusive="both")
        series["humid"] = self._percent > humidity.HUMID_ABOVE if particles else False
        series["humidity_unknown"] = self._percent.isna() if particles else False
        return series


def report(oracle: Oracle) -> dict[str, Any]:
    """All of it as plain values for JSON, by property."""
    return {prop: _report_property(oracle, prop) for prop in PROPERTIES}


def _report_property(oracle: Oracle, prop: str) -> dict[str, Any]:
    series = oracle.observations(prop)
    time_us, result = oracle.latest(prop)
    facts: dict[str, Any] = {
        "observations": len(series),
        "latest": {"phenomenon_time_us": time_us, "result": result},
        "flagged": {flag: int(series[flag].sum()) for flag in FLAGS},
    }
    if prop not in PARTICLE_PROPERTIES:
        return {**facts, "means": {"ALL": _report_means(oracle.means(prop, "ALL"))}}
    return {
        **facts,
        # One letter an observation, in order of time: h(umid), u(nknown) or a dot.
        "humidity": "".join(
            "h" if humid else "u" if unknown else "."
            for humid, unknown in zip(series["humid"], series["humidity_unknown"], strict=True)
        ),
        "means": {selection: _report_means(oracle.means(prop, selection)) for selection in SELECTIONS},
        "checks": {
            rules.id: {
                selection: [asdict(check) for check in oracle.checks(rules, prop, selection)]
                for selection in SELECTIONS
            }
            for rules in limits.RULE_SETS
        },
    }


def _report_means(means: Means) -> dict[str, Any]:
    def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
        records = table.reset_index().to_dict("records")
        return [{**row, "mean": None if pd.isna(row["mean"]) else row["mean"]} for row in records]

    return {
        "hours": rows(means.hours),
        "days": rows(means.days),
        "year": {"label": str(means.year), "mean": means.year_mean, "count": means.valid_days},
        "valid_hours": means.valid_hours,
        "valid_days": means.valid_days,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Calculates and writes JSON."""
    parser = argparse.ArgumentParser(description="Flags, means and limit checks of one box's archive, by pandas alone.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="archive CSVs of one box")
    parser.add_argument("--json", type=Path, metavar="OUT", help="where to write; without it, to the terminal")
    given = parser.parse_args(arguments)
    text = json.dumps(report(Oracle(archive.read(given.files))), indent=1, allow_nan=False) + "\n"
    if given.json:
        given.json.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()

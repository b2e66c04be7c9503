"""Daily archive CSVs of sensor.community boxes, as pandas reads them; nothing of the platform is used here.

Columns are separated by semicolons, times are UTC without saying so. An SDS011 row holds P1 (PM10) and P2 (PM2.5) in
µg/m³; a BME280 row holds temperature in °C, relative humidity in % and pressure in Pa.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

PARTICLES = {"P1": "pm10", "P2": "pm25"}
CLIMATE = {"temperature": "air_temperature", "humidity": "relative_humidity", "pressure": "air_pressure"}


@dataclass(frozen=True)
class Origin:
    """What the archive says of the place, none of which may be published."""

    latitude: float
    """WGS 84, degrees."""
    longitude: float
    """WGS 84, degrees."""
    upstream_ids: tuple[str, ...]
    """`sensor_id` and `location` columns."""


@dataclass(frozen=True)
class Archive:
    """One box: ascending in `time` (UTC), one column per observed property."""

    particles: pd.DataFrame
    """time, pm10 and pm25 in µg/m³."""
    climate: pd.DataFrame
    """time, air_temperature in °C, relative_humidity in %, air_pressure in Pa."""
    origin: Origin


def read(files: Sequence[Path]) -> Archive:
    """Reads the files of one box; what a file holds is told by its `sensor_type`, not by its name."""
    if not files:
        raise ValueError("no archive file given")
    # As text first: how a number is read must not depend on pandas' settings.
    rows = [pd.read_csv(file, sep=";", dtype=str) for file in files]
    of_type = {kind: [table for table in rows if set(table["sensor_type"]) == {kind}] for kind in ("SDS011", "BME280")}
    if sum(map(len, of_type.values())) != len(files) or not all(of_type.values()):
        raise ValueError("expected files of an SDS011 and of a BME280 beside it")
    return Archive(
        particles=_series(pd.concat(of_type["SDS011"]), PARTICLES),
        climate=_series(pd.concat(of_type["BME280"]), CLIMATE),
        origin=_origin(pd.concat(rows)),
    )


def _series(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    times = pd.to_datetime(table["timestamp"], format="%Y-%m-%dT%H:%M:%S", utc=True).astype("datetime64[us, UTC]")
    series = table[list(columns)].rename(columns=columns).map(float)
    series.insert(0, "time", times)
    series = series.sort_values("time", kind="stable", ignore_index=True)
    if series["time"].duplicated().any() or series.isna().any(axis=None):
        raise ValueError("the archive has a time twice or a reading missing, which this calculation does not cover")
    return series


def _origin(table: pd.DataFrame) -> Origin:
    places = table[["lat", "lon", "location"]].drop_duplicates()
    if len(places) != 1:
        raise ValueError("expected the files of one box at one place")
    latitude, longitude, location = places.iloc[0]
    return Origin(float(latitude), float(longitude), (*sorted(set(table["sensor_id"])), location))

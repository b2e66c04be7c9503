"""Cells of the European grid ETRS89-LAEA (EPSG:3035), calculated from a point once more.

Forward equations of the Lambert azimuthal equal-area projection for the ellipsoid: J. P. Snyder, *Map Projections: A
Working Manual*, USGS Professional Paper 1395 (1987), section 24. WGS 84 and ETRS89 are taken as one, as they differ by
less than a metre.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

# GRS 80, metres; origin 52° N 10° E; false easting and northing in metres.
_A = 6_378_137.0
_E2 = (2 - 1 / 298.257222101) / 298.257222101
_E = math.sqrt(_E2)
_LAT_0, _LON_0 = math.radians(52.0), math.radians(10.0)
_FALSE_EASTING_M, _FALSE_NORTHING_M = 4_321_000.0, 3_210_000.0

_CODE = re.compile(r"CRS3035RES(\d+)mN(\d+)E(\d+)")


@dataclass(frozen=True)
class Cell:
    """A cell by its south-west corner, in metres of EPSG:3035."""

    size_m: int
    northing_m: int
    easting_m: int

    @classmethod
    def parse(cls, code: str) -> Cell:
        """Reads an INSPIRE code, e.g. CRS3035RES250mN3098500E4110250."""
        match = _CODE.fullmatch(code)
        if not match:
            raise ValueError(f"no cell code: {code}")
        return cls(*(int(number) for number in match.groups()))

    @classmethod
    def around(cls, latitude: float, longitude: float, size_m: int) -> Cell:
        """The cell that a point in degrees lies in."""
        easting, northing = project(latitude, longitude)
        return cls(size_m, int(northing // size_m * size_m), int(easting // size_m * size_m))

    @property
    def centre_m(self) -> tuple[float, float]:
        """Easting and northing of the centre in metres."""
        return self.easting_m + self.size_m / 2, self.northing_m + self.size_m / 2


def project(latitude: float, longitude: float) -> tuple[float, float]:
    """Easting and northing in metres of a point in degrees."""
    lat, lon = math.radians(latitude), math.radians(longitude)
    q_pole, q_0 = _q(math.pi / 2), _q(_LAT_0)
    beta, beta_0 = math.asin(_q(lat) / q_pole), math.asin(q_0 / q_pole)
    radius = _A * math.sqrt(q_pole / 2)
    m_0 = math.cos(_LAT_0) / math.sqrt(1 - _E2 * math.sin(_LAT_0) ** 2)
    d = _A * m_0 / (radius * math.cos(beta_0))
    turn = lon - _LON_0
    denominator = 1 + math.sin(beta_0) * math.sin(beta) + math.cos(beta_0) * math.cos(beta) * math.cos(turn)
    b = radius * math.sqrt(2 / denominator)
    x = b * d * math.cos(beta) * math.sin(turn)
    y = b / d * (math.cos(beta_0) * math.sin(beta) - math.sin(beta_0) * math.cos(beta) * math.cos(turn))
    return x + _FALSE_EASTING_M, y + _FALSE_NORTHING_M


def _q(latitude: float) -> float:
    sine = math.sin(latitude)
    return (1 - _E2) * (sine / (1 - _E2 * sine**2) - math.log((1 - _E * sine) / (1 + _E * sine)) / (2 * _E))

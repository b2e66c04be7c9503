"""Limit values for particulate matter, written down a second time from the directives.

Values are in µg/m³. A mean is rounded half up to whole µg/m³, the precision of the limits, before it is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from means import Means


@dataclass(frozen=True)
class Limit:
    """One limit value."""

    name: str
    prop: str
    period: str
    """`day` or `year`."""
    value: float
    """µg/m³."""
    allowed: int = 0
    """Days of a year that may lie above; 0 for a yearly mean."""

    def is_exceeded_by(self, mean: float) -> bool:
        """Whether a mean in µg/m³ lies above the limit once it is rounded: at 50, 50.4 does not, 50.5 does."""
        return round_half_up(mean) > self.value


@dataclass(frozen=True)
class RuleSet:
    """The limits on particulate matter of one law."""

    id: str
    limits: tuple[Limit, ...]


EU_2008_50 = RuleSet(
    "eu-2008-50",
    (
        Limit("pm10-year", "pm10", "year", 40.0),
        Limit("pm10-day", "pm10", "day", 50.0, allowed=35),
        Limit("pm25-year", "pm25", "year", 25.0),
    ),
)
# Directive (EU) 2024/2881 keeps those values until the end of 2029.
EU_2024_2881_TRANSITION = RuleSet("eu-2024-2881-transition", EU_2008_50.limits)
EU_2024_2881 = RuleSet(
    "eu-2024-2881",
    (
        Limit("pm10-year", "pm10", "year", 20.0),
        Limit("pm10-day", "pm10", "day", 45.0, allowed=18),
        Limit("pm25-year", "pm25", "year", 10.0),
        Limit("pm25-day", "pm25", "day", 25.0, allowed=18),
    ),
)
RULE_SETS = (EU_2008_50, EU_2024_2881_TRANSITION, EU_2024_2881)
IN_FORCE_2018 = EU_2008_50


@dataclass(frozen=True)
class Check:
    """One limit held against a year; values in µg/m³, periods counted."""

    rule_id: str
    period: str
    limit: float
    allowed_exceedances: int
    exceedances: int
    valid_periods: int
    required_periods: int
    mean: float | None
    verdict: str
    exceeded: list[str]
    """Labels of the periods above the limit."""


def check(rules: RuleSet, limit: Limit, means: Means) -> Check:
    """Holds one limit against a year of means.

    More exceedances than allowed stay more, however much is missing; that a limit was kept needs enough valid days.
    """
    enough = means.valid_days >= means.required_days
    if limit.period == "year":
        over = enough and means.year_mean is not None and limit.is_exceeded_by(means.year_mean)
        exceeded = [str(means.year)] if over else []
    else:
        of_year = means.days[means.days["valid"] & means.days.index.str.startswith(f"{means.year}-")]
        exceeded = [str(label) for label, mean in of_year["mean"].items() if limit.is_exceeded_by(mean)]
    kept = "KEPT" if enough else "INSUFFICIENT_DATA"
    return Check(
        rule_id=f"{rules.id}/{limit.name}",
        period=limit.period,
        limit=limit.value,
        allowed_exceedances=limit.allowed,
        exceedances=len(exceeded),
        valid_periods=means.valid_days,
        required_periods=means.required_days,
        mean=means.year_mean if limit.period == "year" else None,
        verdict="EXCEEDED" if len(exceeded) > limit.allowed else kept,
        exceeded=exceeded,
    )


def round_half_up(mean: float) -> int:
    """To whole µg/m³, a half up.

    Nine decimal places are kept first, so that the binary tail of a sum does not decide.
    """
    decimal = Decimal(mean).quantize(Decimal("1e-9"))
    return int(decimal.quantize(Decimal(1), rounding=ROUND_HALF_UP))

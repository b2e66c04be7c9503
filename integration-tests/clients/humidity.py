"""Which humidity reading speaks for which particle reading."""

from __future__ import annotations

import pandas as pd

# Both ends included.
PAIRED_WITHIN = pd.Timedelta(seconds=150)
# Relative humidity in % above which a particle reading is humid.
HUMID_ABOVE = 70.0


def nearest_humidity(times: pd.Series, climate: pd.DataFrame) -> pd.Series:
    """Relative humidity in % of the reading nearest to each time, the earlier of two equally near; NaN if none is
    near enough. Times ascend."""
    wanted = pd.DataFrame({"time": times.reset_index(drop=True)})
    readings = climate[["time", "relative_humidity"]].rename(columns={"relative_humidity": "percent"})
    readings["read_at"] = readings["time"]
    before = pd.merge_asof(wanted, readings, on="time", direction="backward", tolerance=PAIRED_WITHIN)
    after = pd.merge_asof(wanted, readings, on="time", direction="forward", tolerance=PAIRED_WITHIN)
    gap_before = wanted["time"] - before["read_at"]
    gap_after = after["read_at"] - wanted["time"]
    later_is_nearer = gap_before.isna() | (gap_after < gap_before)
    nearest = before["percent"].where(~later_is_nearer, after["percent"])
    nearest.index = times.index
    return nearest

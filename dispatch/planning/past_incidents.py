"""Past incidents as where and when: by hour of the week, in cells; no text, no person, no team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from geo_data.coordinates import LocalPlane
from geo_data.types import Float64s, Int64s

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000
SLOTS: Final = 7 * 24
"""Hours of a week, from Monday 00:00 on."""

MOST_ROWS: Final = 100_000
_THURSDAY: Final = 3  # 1970-01-01


class Past(NamedTuple):
    """One past incident: WGS-84 degrees, local day number since 1970-01-01, local hour 0…23."""

    lon: float
    lat: float
    day: int
    hour: int


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Past incidents as columns of one length; ``slot`` is the hour of the week, 0…167, Monday first."""

    lon: Float64s
    lat: Float64s
    day: Int64s
    slot: Int64s

    def __len__(self) -> int:
        return len(self.lon)

    @property
    def days(self) -> int:
        """How many days the incidents span, the first and the last included; 0 where there is none."""
        return int(self.day.max() - self.day.min()) + 1 if len(self) else 0


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """Incidents in square cells: the middle of each, and how many in which hour of the week, rows by cell."""

    lon: Float64s
    lat: Float64s
    cell: Int64s
    slot: Int64s
    count: Int64s


def local_hour(at_ms: int, utc_offset_min: int) -> tuple[int, int]:
    """The local day number and hour of a time in ms since 1970-01-01 UTC."""
    local_ms = at_ms + utc_offset_min * MINUTE_MS
    return local_ms // DAY_MS, local_ms % DAY_MS // HOUR_MS


def history_of(rows: Sequence[Past]) -> History:
    """Rows as columns; asserts the limit of MOST_ROWS."""
    assert len(rows) <= MOST_ROWS, f"at most {MOST_ROWS} past incidents"
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4)
    day, hour = columns[:, 2].astype(np.int64), columns[:, 3].astype(np.int64)
    return History(columns[:, 0].copy(), columns[:, 1].copy(), day, (day + _THURSDAY) % 7 * 24 + hour)


def chosen_slots(weekdays: Sequence[int], hour: int | None) -> list[int]:
    """The hours of the week that a filter takes: weekdays 0 (Monday) … 6, none for all; an hour, None for all."""
    days = sorted(set(weekdays)) or range(7)
    hours = range(24) if hour is None else (hour,)
    return [day * 24 + each for day in days for each in hours]


def within(history: History, bounds: tuple[float, float, float, float]) -> History:
    """The part of a history inside west, south, east, north."""
    west, south, east, north = bounds
    keep = (history.lon >= west) & (history.lon <= east) & (history.lat >= south) & (history.lat <= north)
    return History(history.lon[keep], history.lat[keep], history.day[keep], history.slot[keep])


def heat(history: History, cell_m: float) -> Heat:
    """Count incidents in square cells of ``cell_m`` metres by hour of the week. Law: they sum to the incidents."""
    if not len(history):
        none = np.zeros(0, dtype=np.int64)
        return Heat(np.zeros(0), np.zeros(0), none, none, none)
    plane = LocalPlane(float(history.lon.mean()), float(history.lat.mean()))
    x_m, y_m = plane.to_xy(history.lon, history.lat)
    column, row = np.floor(x_m / cell_m).astype(np.int64), np.floor(y_m / cell_m).astype(np.int64)
    width = int(row.max() - row.min()) + 1
    name = (column - column.min()) * width + row - row.min()
    cells, cell = np.unique(name, return_inverse=True)
    key, count = np.unique(cell * SLOTS + history.slot, return_counts=True)
    middle_x = (cells // width + column.min() + 0.5) * cell_m
    middle_y = (cells % width + row.min() + 0.5) * cell_m
    lon, lat = plane.to_lonlat(middle_x, middle_y)
    return Heat(lon, lat, key // SLOTS, key % SLOTS, count.astype(np.int64))


def by_hour(history: History, weekdays: Sequence[int] = ()) -> list[int]:
    """How many incidents fell into each hour of the day, on these weekdays; their sum is those of the weekdays."""
    days = sorted(set(weekdays)) or range(7)
    kept = history.slot[np.isin(history.slot // 24, list(days))]
    counted: list[int] = np.bincount(kept % 24, minlength=24).tolist()
    return counted

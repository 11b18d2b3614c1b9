"""When a job runs: at once, or in the off-peak window."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.rules import Schedule


def deferred_until(now: datetime, size_bytes: int, priority: str, schedule: Schedule) -> datetime | None:
    """When the off-peak window opens for an upload that has to wait for it, in UTC; None for one that runs at once.

    `now` is aware. The window is in the wall time of its zone, so it moves with daylight saving: a time that the clocks skip
    counts as so much later, one that they repeat counts as its first occurrence. A window may cross midnight.
    """
    window = schedule.off_peak
    if not window.enabled or priority == "high" or size_bytes < schedule.immediate_below_bytes:
        return None
    zone = ZoneInfo(window.timezone)
    opens, closes = time.fromisoformat(window.start), time.fromisoformat(window.end)
    local = now.astimezone(zone)
    clock = local.time()
    inside = opens <= clock < closes if opens <= closes else clock >= opens or clock < closes
    if inside:
        return None
    day = local.date() if clock < opens else local.date() + timedelta(days=1)
    return datetime.combine(day, opens, zone).astimezone(UTC)

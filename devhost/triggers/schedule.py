"""When a timer fires: NCRONTAB with five or six fields (seconds first), or a time span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from devhost.host_json import ConfigError, seconds

MONTHS = {datetime(2000, month, 1, tzinfo=UTC).strftime("%b").lower(): month for month in range(1, 13)}
DAYS = {datetime(2000, 10, 1 + day, tzinfo=UTC).strftime("%a").lower(): day for day in range(7)}  # 1 was a Sunday
# Name, lowest, highest, names of values.
FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("second", 0, 59, {}),
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day", 1, 31, {}),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 6, DAYS),
)
YEARS = 9  # the longest gap in a calendar: 29 February around a century


class Schedule:
    """A timer's schedule, in UTC as in the real host.

    Raises: ConfigError, if the text is no schedule.
    """

    def __init__(self, text: str) -> None:
        self._every: timedelta | None = None
        fields = text.split()
        if len(fields) == 1 and ":" in text:
            self._every = timedelta(seconds=seconds(text))
            return
        if len(fields) == 5:
            fields = ["0", *fields]
        if len(fields) != len(FIELDS):
            raise ConfigError(f"the schedule '{text}' of a timer has {len(fields)} fields, not 5 or 6")
        parsed = (_values(text, field, *bounds) for field, bounds in zip(fields, FIELDS, strict=True))
        self._seconds, self._minutes, self._hours, self._days, self._months, self._weekdays = parsed

    def after(self, moment: datetime) -> datetime:
        """The first time after `moment`.

        Raises: ConfigError, if there is none.
        """
        if self._every is not None:
            return moment + self._every
        at = moment.replace(microsecond=0) + timedelta(seconds=1)
        while at.year <= moment.year + YEARS:
            if at.month not in self._months:
                at = (at.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
            elif at.day not in self._days or at.isoweekday() % 7 not in self._weekdays:
                at = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0)
            elif at.hour not in self._hours:
                at = (at + timedelta(hours=1)).replace(minute=0, second=0)
            elif at.minute not in self._minutes:
                at = (at + timedelta(minutes=1)).replace(second=0)
            elif at.second not in self._seconds:
                at += timedelta(seconds=1)
            else:
                return at
        raise ConfigError("the schedule of a timer never fires")


def _values(text: str, field: str, name: str, lowest: int, highest: int, names: dict[str, int]) -> frozenset[int]:
    values: set[int] = set()
    try:
        for part in field.lower().split(","):
            span, _, step = part.partition("/")
            ends = [str(lowest), str(highest)] if span == "*" else span.split("-")
            numbers = [names[end] if end in names else int(end) for end in ends]
            if step and len(numbers) == 1:
                numbers.append(highest)
            bounds = [lowest, *numbers, highest]
            if len(numbers) > 2 or any(a > b for a, b in pairwise(bounds)):
                raise ValueError(part)
            values.update(range(numbers[0], numbers[-1] + 1, int(step or 1)))
    except ValueError:
        raise ConfigError(f"the schedule '{text}' of a timer: '{field}' is no {name} ({lowest}-{highest})") from None
    return frozenset(values)

"""`./simpi savings`: what was saved, with a small chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli import http
from cli.console import out, print_json
from cli.errors import CliError
from cli.text import plural, size

if TYPE_CHECKING:
    from cli.target import Target

BAR = 30


def savings(target: Target, days: int, *, as_json: bool) -> None:
    """Print the totals of the last days. Raises: CliError, where the host does not tell them."""
    answer = http.get(target.url, "/api/savings", {"days": str(days)})
    if answer.status != 200:
        raise CliError(
            f"{target.url} answered {answer.status}", "Sign-in is asked for there: use --target on the stack."
        )
    if as_json:
        print_json(answer.body)
    else:
        out().print("\n".join(lines(answer.body)), markup=False, soft_wrap=True)


def lines(told: dict[str, Any]) -> list[str]:
    """What people read: the sums, a bar for each day, then kinds, time and failures."""
    totals = told["totals"]
    statuses = ", ".join(f"{count} {status}" for status, count in totals["by_status"].items())
    text = [
        f"{told['from']} to {told['to']} (UTC): {plural(totals['jobs'], 'job')}{f' ({statuses})' if statuses else ''}"
    ]
    if totals["original_size"]:
        text.append(
            f"saved {size(totals['saved_bytes'])} of {size(totals['original_size'])} ({totals['saved_percent']:.1f} %); "
            f"{100 * totals['kept_original_rate']:.0f} % of the originals were best already"
        )
    text += ["", *_bars(told["by_day"])] if told["by_day"] else []
    for name, group in told["by_format"].items():
        count, noun = plural(group["jobs"], "file").split()
        text.append(f"  {name:<10} {count:>6} {noun:<5}   {size(group['saved_bytes']):>9} saved")
    if total := told["steps_s"].get("total"):
        text.append(f"  a job takes {total['p50']:.1f} s (median), {total['p95']:.1f} s (95 %)")
    text += [f"  {count:>6} × {code}" for code, count in told["by_code"].items()]
    return text


def _bars(days: dict[str, dict[str, Any]]) -> list[str]:
    most = max(max(day["saved_bytes"] for day in days.values()), 1)
    bars = []
    for name, day in days.items():
        width = round(BAR * max(day["saved_bytes"], 0) / most)
        bars.append(f"  {name}  {'█' * width:<{BAR}}  {size(day['saved_bytes']):>9}  {plural(day['jobs'], 'job')}")
    return bars

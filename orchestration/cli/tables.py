"""Segments on a terminal."""

from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from data_contracts.wording.numbers import count, fixed, percent
from segmentry.segments.preview import Preview

# Into a file or a pipe, lines are as wide as they need to be.
CONSOLE = Console(highlight=False)
if not CONSOLE.is_terminal:
    CONSOLE = Console(highlight=False, width=200)


def print_list(rows: list[dict[str, Any]]) -> None:
    """One line a segment."""
    headers = ("segment", "name", "kind", "status", "members", "in", "out", "review by")
    table = _table(*headers, numbers=("members", "in", "out"))
    for row in rows:
        due = f"{row['review_by']}{' (due)' if row['is_review_due'] else ''}"
        moves = (_count(row["customer_count"]), _count(row["entry_count"]))
        words = (row["segment_id"], row["segment_name"], row["kind"], row["status"])
        table.add_row(*words, *moves, _count(row["exit_count"]), due)
    CONSOLE.print(table)


def print_segment(shown: dict[str, Any]) -> None:
    """One segment in full."""
    segment = shown["segment"]
    CONSOLE.print(
        f"{segment['segment_name']} ({segment['segment_id']}), {segment['kind']}, "
        f"{segment['status']}, owner {segment['owner']}, review by {segment['review_by']}"
    )
    for version in shown["versions"]:
        stay = version["minimum_stay_days"]
        parts = [f"version {version['version']} from {version['effective_from']}:"]
        parts.append(version["definition"])
        if version["exit_definition"]:
            parts.append(f"until {version['exit_definition']}")
        if stay:
            parts.append(f"for at least {stay} days")
        CONSOLE.print("  " + " ".join(parts), markup=False)
    for name, headers in _SHOWN.items():
        _print_part(name, headers, shown[name])


_SHOWN = {
    "sizes": ("as_of_date", "customer_count", "entry_count", "exit_count", "volatility_rate"),
    "reasons": ("event", "reason", "move_count"),
    "overlaps": ("other_segment_id", "overlap_count", "overlap_rate"),
    "near_misses": ("customer_id", "conjunct", "missed_value"),
    "lookalikes": ("customer_id", "likeness", "reason_1_feature", "reason_2_feature"),
}


def _print_part(name: str, headers: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = _table(*(header.replace("_", " ") for header in headers))
    table.title = name.replace("_", " ")
    for row in rows:
        table.add_row(*(_cell(row[header]) for header in headers))
    CONSOLE.print(table)


def print_why(segment: str, customer: str, rows: list[dict[str, Any]]) -> None:
    """Each part of the condition, what the customer has, and whether it holds."""
    if not rows:
        CONSOLE.print(f"{customer} is not known at the newest date")
        return
    inside = rows[0]["is_member"]
    CONSOLE.print(f"{customer} is {'in' if inside else 'not in'} {segment}")
    table = _table("", "to", "condition", "as SQL")
    for row in rows:
        mark = "yes" if row["holds"] else "no"
        table.add_row(mark, row["condition"], row["words"], row["conjunct"])
    CONSOLE.print(table)


def print_preview(one: Preview) -> None:
    """What a segment file would do."""
    CONSOLE.print(
        f"{one.name} ({one.segment_id}) at {one.as_of_date}: {count(one.customer_count)} "
        f"customers, {percent(one.customer_share)} of all, "
        f"{'nothing' if one.revenue_share is None else percent(one.revenue_share)} of the last 91 "
        "days' revenue"
    )
    if one.average_order_amount is not None:
        CONSOLE.print(f"  average order {fixed(one.average_order_amount, 2)}")
    if one.churn_rate is not None:
        CONSOLE.print(f"  no order expected in 91 days of {percent(one.churn_rate)}")
    shared = ", ".join(f"{name} {count(size)}" for name, size in one.overlaps)
    CONSOLE.print(f"  shares customers with: {shared or 'no segment'}")
    for word, size, ids in (
        ("enter", one.entering_count, one.entering),
        ("leave", one.leaving_count, one.leaving),
    ):
        some = f": {', '.join(ids)}{', ...' if size > len(ids) else ''}" if ids else ""
        CONSOLE.print(f"  would {word}: {count(size)}{some}", markup=False)
    for warning in one.warnings:
        CONSOLE.print(f"  ! {warning}")


def _table(*headers: str, numbers: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False)
    for place, header in enumerate(headers):
        justify: Literal["left", "right"] = "right" if header in numbers else "left"
        table.add_column(header, justify=justify, no_wrap=place == 0)
    return table


def _count(value: Any) -> str:
    return "" if value is None else count(value)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}"
    return "" if value is None else str(value)

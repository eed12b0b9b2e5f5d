"""Segments on a terminal."""

from collections.abc import Callable
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from data_contracts.wording.numbers import count, fixed, percent, plain
from data_contracts.wording.reasons import theme_of
from segmentry.segments.preview import Preview

# Into a file or a pipe, lines are as wide as they need to be.
CONSOLE = Console(highlight=False)
if not CONSOLE.is_terminal:
    CONSOLE = Console(highlight=False, width=200)


def print_list(rows: list[dict[str, Any]]) -> None:
    """One line a segment; of a cluster the lens that it is seen through."""
    numbers = ("members", "entered", "left")
    headers = ("segment", "name", "kind", "lens", "status", *numbers, "review by")
    table = _table(*headers, numbers=numbers)
    for row in rows:
        due = f"{row['review_by']}{' (due)' if row['is_review_due'] else ''}"
        words = (row["segment_id"], row["segment_name"], row["kind"], row["clustering"] or "")
        moves = (row["customer_count"], row["entry_count"], row["exit_count"])
        table.add_row(*words, row["status"], *(_count(number) for number in moves), due)
    CONSOLE.print(table)


def print_segment(shown: dict[str, Any]) -> None:
    """One segment in full."""
    segment = shown["segment"]
    kind = segment["kind"]
    if segment["clustering"]:
        kind = f"cluster of the lens {segment['clustering']}"
    CONSOLE.print(
        f"{segment['segment_name']} ({segment['segment_id']}), {kind}, {segment['status']}"
    )
    CONSOLE.print(f"  {segment['segment_description']}", markup=False)
    CONSOLE.print(f"  {segment['owner']} answers for it; the review is due {segment['review_by']}")
    for version in shown["versions"]:
        stay = version["minimum_stay_days"]
        parts = [f"version {version['version']} from {version['effective_from']}:"]
        parts.append(version["definition"])
        if version["exit_definition"]:
            parts.append(f"until {version['exit_definition']}")
        if stay:
            parts.append(f"for at least {stay} days")
        CONSOLE.print("  " + " ".join(parts), markup=False)
    for name, (title, columns) in _SHOWN.items():
        _print_part(title, columns, shown[name])


def print_why(segment: str, customer: str, rows: list[dict[str, Any]]) -> None:
    """Each part of the condition, what the customer has, and whether it holds."""
    if not rows:
        CONSOLE.print(f"{customer} has no features at the newest date")
        return
    inside = rows[0]["is_member"]
    CONSOLE.print(f"{customer} is {'in' if inside else 'not in'} {segment}")
    table = _table("holds", "needed to", "condition", "as SQL")
    for row in rows:
        mark = "yes" if row["holds"] else "no"
        leads_to = "leave" if row["condition"] == "exit" else "enter"
        table.add_row(mark, leads_to, row["words"], row["conjunct"])
    CONSOLE.print(table)


def print_preview(one: Preview) -> None:
    """What a segment file would do."""
    worth = "who spent nothing in"
    if one.revenue_share is not None:
        worth = f"who brought {percent(one.revenue_share)} of the revenue of"
    CONSOLE.print(
        f"{one.name} ({one.segment_id}) at {one.as_of_date}: {count(one.customer_count)} "
        f"customers, {percent(one.customer_share)} of all, {worth} the last 91 days"
    )
    if one.average_order_amount is not None:
        CONSOLE.print(f"  their average order is {fixed(one.average_order_amount, 2)}")
    if one.churn_rate is not None:
        CONSOLE.print(f"  {percent(one.churn_rate)} are expected not to order in 91 days")
    shared = ", ".join(f"{name} ({count(size)})" for name, size in one.overlaps)
    CONSOLE.print(f"  they are also in {shared or 'no other segment'}")
    for word, size, ids in (
        ("enter", one.entering_count, one.entering),
        ("leave", one.leaving_count, one.leaving),
    ):
        some = f": {', '.join(ids)}{', ...' if size > len(ids) else ''}" if ids else ""
        customers = "customer" if size == 1 else "customers"
        CONSOLE.print(f"  {count(size)} {customers} would {word}{some}", markup=False)
    for warning in one.warnings:
        CONSOLE.print(f"  ! {warning}")


def _print_part(
    title: str, columns: dict[str, tuple[str, Callable[[Any], str]]], rows: list[dict[str, Any]]
) -> None:
    if not rows:
        return
    table = _table(*(header for header, _ in columns.values()))
    for row in rows:
        table.add_row(*("" if row[c] is None else say(row[c]) for c, (_, say) in columns.items()))
    CONSOLE.print(f"\n{title}")
    CONSOLE.print(table)


def _table(*headers: str, numbers: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False)
    for position, header in enumerate(headers):
        justify: Literal["left", "right"] = "right" if header in numbers else "left"
        table.add_column(header, justify=justify, no_wrap=position == 0)
    return table


def _count(value: Any) -> str:
    return "" if value is None else count(value)


def _words(code: str) -> str:
    return code.replace("_", " ")


# The parts of `segments show`: title, and per column its header and how its values are said.
_SHOWN: dict[str, tuple[str, dict[str, tuple[str, Callable[[Any], str]]]]] = {
    "sizes": (
        "How large it was",
        {
            "as_of_date": ("date", str),
            "customer_count": ("members", _count),
            "entry_count": ("entered", _count),
            "exit_count": ("left", _count),
            "volatility_rate": ("moved, of the members", percent),
        },
    ),
    "reasons": (
        "Why customers entered and left at the newest date",
        {"event": ("event", str), "reason": ("reason", _words), "move_count": ("moves", _count)},
    ),
    "overlaps": (
        "Which segments have the same customers",
        {
            "other_segment_id": ("segment", str),
            "overlap_count": ("customers in both", _count),
            "overlap_rate": ("share of the members", percent),
        },
    ),
    "near_misses": (
        "Whom one number keeps out",
        {
            "customer_id": ("customer", str),
            "conjunct": ("what is missing", str),
            "missed_value": ("what the customer has", plain),
        },
    ),
    "lookalikes": (
        "Who is most like the members",
        {
            "customer_id": ("customer", str),
            "likeness": ("likeness", plain),
            "reason_1_feature": ("most alike in", theme_of),
            "reason_2_feature": ("then in", theme_of),
        },
    ),
}

"""The top of the page: the state in one line, and the main findings in words."""

from typing import Any

import pandas as pd

from segmentry.report import words
from segmentry.report.read import Frames
from segmentry.report.sections.models import main_metric, verdict
from segmentry.report.words import Words, count, percent, plural, signed


def summary(frames: Frames, say: Words) -> dict[str, Any]:
    """Headline, tiles and findings; every sentence is computed."""
    if frames.as_of is None:
        return {"headline": "Nothing has been built yet.", "tiles": [], "findings": []}
    orders = frames.orders
    people = int(frames.stages["customer_count"].sum()) or int(orders["customers"])
    headline = f"{plural(people, 'customer')} as of {words.day(frames.as_of)}"
    if not words.missing(orders["first_date"]):
        headline += (
            f", with {say.money(orders['spend'])} of spend since {words.day(orders['first_date'])}"
        )
    findings = [
        sentence
        for sentence in (
            _trend(frames, say),
            _concentration(frames),
            _risk(frames, say),
            _movement(frames),
            _models(frames),
            _quality(frames),
        )
        if sentence
    ]
    return {"headline": headline + ".", "tiles": _tiles(frames, say, people), "findings": findings}


def _tiles(frames: Frames, say: Words, people: int) -> list[tuple[str, str]]:
    orders = frames.orders
    passed = frames.checks["passed"].fillna(False).astype(bool).sum()
    return [
        ("Customers", count(people)),
        ("Bought in 91 days", count(orders["customers_91d"])),
        ("Spend in 91 days", say.money(orders["spend_91d"])),
        ("Segments", count(len(frames.segments))),
        ("Checks passed", f"{count(passed)} of {count(len(frames.checks))}"),
    ]


def _trend(frames: Frames, say: Words) -> str:
    now, before = float(frames.orders["spend_91d"]), float(frames.orders["spend_before"])
    first = frames.orders["first_date"]
    whole = not words.missing(first) and pd.Timestamp(first) <= pd.Timestamp(
        str(frames.as_of)
    ) - pd.Timedelta(days=182)
    if not whole or before <= 0:
        return ""
    change = now / before - 1
    word = (
        "level with"
        if abs(change) < 0.01
        else (f"{percent(abs(change))} {'above' if change > 0 else 'below'}")
    )
    return f"Spend of the last 91 days was {say.money(now)}, {word} the 91 days before."


def _concentration(frames: Frames) -> str:
    people = frames.stages["customer_count"].sum()
    frame = frames.segments.dropna(subset=["revenue_share"])
    if frame.empty or people == 0:
        return ""
    frame = frame.assign(share=frame["customer_count"] / people)
    row = frame.iloc[int((frame["revenue_share"] - frame["share"]).to_numpy().argmax())]
    if row["revenue_share"] <= row["share"]:
        return ""
    return (
        f"“{row['name']}” is {percent(row['share'])} of customers and "
        f"{percent(row['revenue_share'])} of their spend."
    )


def _risk(frames: Frames, say: Words) -> str:
    frame = frames.stages.set_index("lifecycle_stage")
    part = frame.loc[[s for s in ("cooling", "at_risk") if s in frame.index]]
    total = float(frame["spend"].sum())
    if part.empty or total <= 0:
        return ""
    return (
        f"{plural(part['customer_count'].sum(), 'customer')} are cooling or at risk; they "
        f"spent {say.money(part['spend'].sum())} in the last 91 days, "
        f"{percent(part['spend'].sum() / total)} of all."
    )


def _movement(frames: Frames) -> str:
    frame = frames.segments.dropna(subset=["previous_count"])
    # A new clustering moves many at once, whatever they did.
    frame = frame[frame["kind"] != "cluster"]
    if frame.empty:
        return ""
    change = frame["customer_count"] - frame["previous_count"]
    amounts = change.to_numpy()
    up, down = frame.iloc[int(amounts.argmax())], frame.iloc[int(amounts.argmin())]
    parts = []
    if change.max() > 0:
        parts.append(f"“{up['name']}” grew most ({signed(change.max())})")
    if change.min() < 0:
        parts.append(f"“{down['name']}” shrank most ({signed(change.min())})")
    return (
        f"In the last week {words.listing(parts)}."
        if parts
        else ("No segment changed its size in the last week.")
    )


def _models(frames: Frames) -> str:
    verdicts = []
    for target, rows in frames.metrics.groupby("target"):
        newest = rows[rows["as_of_date"] == rows["as_of_date"].max()]
        result = verdict(newest, main_metric(str(target)))
        if result:
            verdicts.append(result[0])
    if not verdicts:
        return ""
    forms = {
        "better": "better than the best simple rule by more than a standard error",
        "level": "level with the rule within a standard error",
        "worse": "worse than the rule by more than a standard error",
    }
    parts = [
        f"{text} for {verdicts.count(word)}" for word, text in forms.items() if word in verdicts
    ]
    return (
        f"Tested on a later time, the chosen models are {words.listing(parts)} of "
        f"{plural(len(verdicts), 'prediction target')}."
    )


def _quality(frames: Frames) -> str:
    quarantined = int(frames.files["quarantined_count"].fillna(0).sum())
    failed = int((~frames.checks["passed"].fillna(False).astype(bool)).sum())
    parts = [f"{plural(failed, 'check')} did not pass" if failed else "every check passed"]
    parts.append(
        f"{plural(quarantined, 'row')} went to quarantine" if quarantined else "no row was refused"
    )
    return f"{words.listing(parts).capitalize()}."

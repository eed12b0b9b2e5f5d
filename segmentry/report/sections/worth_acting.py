"""The segments worth acting on: size, trend, worth, why people came and went, what to do."""

import re
from typing import Any

import pandas as pd
from markupsafe import Markup

from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import count, in_unit, missing, percent, plural, signed
from data_contracts.wording.reasons import theme_of
from segmentry.report.page import Page, Section, records
from segmentry.report.sections.movement import REASON_WORDS
from segmentry.report.sections.segments import SEGMENTS, with_members

PAGE = "index"
LABEL = "Worth acting on"
TITLE = "Segments worth acting on"

MEMBERS = """
    select m.segment_id, m.customer_id, c.churn_91d_score as leaving,
        c.spend_91d_score as expected, f.spend_364d_amount as spent
    from segments.segment_membership as m
    left join segments.customer_360 as c
        on c.customer_id = m.customer_id and c.as_of_date = cast($as_of as date)
    left join features.customer_features as f
        on f.customer_id = m.customer_id and f.as_of_date = cast($as_of as date)
    order by m.segment_id, m.customer_id
"""
SIZES = """
    select segment_id, as_of_date, customer_count from segments.segment_summary
    order by segment_id, as_of_date
"""
# Who came and went at the newest date, by the recorded reason.
MOVES = """
    select segment_id, event, coalesce(reason, 'behaviour') as reason, count(*) as move_count
    from segments.segment_transitions where as_of_date = cast($as_of as date)
        and as_of_date > (select min(as_of_date) from segments.segment_transitions)
    group by all order by move_count desc, reason
"""
# The features of the condition, of those who came or went, at the date before and now.
THEN_AND_NOW = """
    select t.event, f.as_of_date = cast($as_of as date) as is_now, {medians}
    from segments.segment_transitions as t
    inner join features.customer_features as f using (customer_id)
    where t.segment_id = $segment and t.as_of_date = cast($as_of as date)
        and coalesce(t.reason, '') not in ('model_change', 'definition_change')
        and f.as_of_date in (cast($as_of as date), (
            select max(as_of_date) from features.customer_features
            where as_of_date < cast($as_of as date)))
    group by all order by all
"""
LEADING_REASON = """
    select s.reason_1_feature as feature, count(*) as customer_count
    from models.customer_scores as s
    inner join segments.segment_membership as m using (customer_id)
    where s.as_of_date = cast($as_of as date) and s.target = $target and m.segment_id = $segment
        and s.reason_1_feature is not null
    group by 1 order by 2 desc, 1
"""

LEAST_MEMBERS = 5
LISTED = 4
# Of fewer who moved, a median says nothing.
LEAST_MOVES = 5
# A segment whose members are so much in those listed before says little that is new.
SHARED = 0.7
# Members so many times as likely as all customers to place no order are about to be lost.
LIKELIER = 2.5
GROUPS = (
    ("leaving", "Win back", "More likely than others to place no order in the next 91 days."),
    ("staying", "Keep and grow", "The rest, by what they spent in the last year."),
)


def section(page: Page) -> Section:
    """Two groups of cards, those with the largest spend of a year first."""
    shown = chosen(page)
    if shown.empty:
        return {"empty": "No segment has members enough to act on."}
    sizes, moves = page.read(SIZES), page.read(MOVES)
    columns = page.read("select * from features.customer_features limit 0")
    numbers = {str(c) for c in columns.select_dtypes(include="number").columns}
    groups = [
        {
            "name": name,
            "about": about,
            "cards": [
                _card(row, sizes[sizes["segment_id"] == row.segment_id], moves, numbers, page)
                for row in records(shown[shown["group"] == group])
            ],
        }
        for group, name, about in GROUPS
        if (shown["group"] == group).any()
    ]
    return {"groups": groups, "more": "All segments, their sizes and moves"}


def chosen(page: Page) -> pd.DataFrame:
    """The segments of the cards: approved, not tiny, of different people, one per purpose.

    Columns of SEGMENTS and spent, expected (amounts), leaving (mean chance of no order) and group.
    """
    segments, members = with_members(page.read(SEGMENTS)), page.read(MEMBERS)
    asked = segments[(segments["kind"] != "cluster") & (segments["status"] == "approved")]
    asked = asked[asked["customer_count"] >= LEAST_MEMBERS]
    if asked.empty:
        return asked.assign(group="")
    people = members.groupby("segment_id")
    worth = people.agg(
        spent=("spent", "sum"),
        expected=("expected", lambda values: values.sum(min_count=1)),
        leaving=("leaving", "mean"),
    )
    everyone = members.drop_duplicates("customer_id")["leaving"].mean()
    asked = asked.merge(worth.reset_index(), on="segment_id")
    likelier = asked["leaving"] > LIKELIER * everyone
    asked = asked.assign(group=likelier.map({True: "leaving", False: "staying"}))
    asked = asked.sort_values(["spent", "segment_id"], ascending=[False, True])
    ids = {str(segment): set(part["customer_id"]) for segment, part in people}
    kept: list[Any] = []
    for group, *_ in GROUPS:
        taken: list[Any] = []
        for row in records(asked[asked["group"] == group]):
            inside = ids[row.segment_id]
            known = any(
                row.purpose == other.purpose
                or len(inside & ids[other.segment_id]) > SHARED * len(inside)
                for other in taken
                if other.purpose
            )
            if not known and len(taken) < LISTED:
                taken.append(row)
        kept += [row.segment_id for row in taken]
    return asked[asked["segment_id"].isin(kept)]


def _card(
    row: Any, sizes: pd.DataFrame, moves: pd.DataFrame, numbers: set[str], page: Page
) -> Section:
    worth = f"{page.money(row.spent)} in the last year"
    if not missing(row.expected):
        worth += f"; {page.money(row.expected)} expected in the next 91 days"
    moved = None if missing(row.previous_count) else row.customer_count - row.previous_count
    return {
        "id": row.segment_id,
        "name": row.name,
        "size": plural(row.customer_count, "customer"),
        "description": row.description,
        "trend": "first date" if moved is None else f"{signed(moved)} since the date before",
        "line": _line(sizes["customer_count"].tolist(), row.name),
        "worth": worth,
        "leaving": "" if missing(row.leaving) else percent(row.leaving),
        "why": _why(row, moves[moves["segment_id"] == row.segment_id], numbers, page),
        "action": row.purpose,
    }


def _line(sizes: list[int], name: str) -> Markup:
    """The sizes at the dates, as a line of 72 by 22 pixels; empty with fewer than three dates."""
    if len(sizes) < 3:
        return Markup("")
    low, span = min(sizes), max(max(sizes) - min(sizes), 1)
    points = [
        f"{3 + 66 * n / (len(sizes) - 1):.1f},{19 - 16 * (size - low) / span:.1f}"
        for n, size in enumerate(sizes)
    ]
    return Markup(
        '<svg class="line" role="img" width="72" height="22" viewBox="0 0 72 22" aria-label="{}">'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>'
    ).format(f"{name}: size at {len(sizes)} dates", " ".join(points), *points[-1].split(","))


def _why(row: Any, moves: pd.DataFrame, numbers: set[str], page: Page) -> list[str]:
    """A sentence on who came and one on who went; for a prediction, what it rests on."""
    told = {}
    features = [f for f in dict.fromkeys(re.findall(r"\w+", row.definition)) if f in numbers]
    if features and len(moves):
        medians = ", ".join(f"median({feature}) as {feature}" for feature in features)
        told = _changes(
            page.reader.read(
                THEN_AND_NOW.format(medians=medians),
                {"as_of": page.as_of, "segment": row.segment_id},
            ),
            features,
            page,
        )
    sentences = []
    for event, verb in (("enter", "came"), ("exit", "left")):
        part = moves[moves["event"] == event]
        if part.empty:
            continue
        reason, total = part["reason"].iloc[0], part["move_count"].sum()
        because = told.get(event, "") if reason == "behaviour" and total >= LEAST_MOVES else ""
        because = because or REASON_WORDS.get(reason, humanise(reason).lower())
        sentences.append(f"{count(total)} {verb}: {because}.")
    asked = re.search(r"(\w+?)_(?:percentile|score)\b", row.definition)
    if asked and asked[1] in page.targets:
        reasons = page.reader.read(
            LEADING_REASON,
            {"as_of": page.as_of, "segment": row.segment_id, "target": asked[1]},
        )
        if len(reasons):
            themes = reasons.groupby(reasons["feature"].map(theme_of))["customer_count"].sum()
            share = percent(themes.max() / themes.sum())
            sentences.append(f"Strongest reason for {share} of them: {themes.idxmax()}.")
    return sentences


def _changes(medians: pd.DataFrame, features: list[str], page: Page) -> dict[str, str]:
    """Event -> the feature of the condition that moved most, with its median then and now."""
    told = {}
    for event, part in medians.groupby("event"):
        rows = part.set_index("is_now")
        if len(rows) < 2:
            continue
        then, now = rows.loc[False, features].astype(float), rows.loc[True, features].astype(float)
        size = ((now - then).abs() / (now.abs() + then.abs())).dropna()
        if size.empty or size.max() == 0:
            continue
        name = str(size.idxmax())
        moved = [float(values.to_dict()[name]) for values in (then, now)]
        before, after = (in_unit(name, figure, page.currency) for figure in moved)
        verb = "rose" if moved[1] > moved[0] else "fell"
        heading = page.feature(name)
        told[str(event)] = (
            f"{heading[:1].lower()}{heading[1:]} {verb} from {before} to {after} (median)"
        )
    return told

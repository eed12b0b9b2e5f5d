"""Ten customers: what is expected of each, and why."""

from typing import Any

import pandas as pd

from data_contracts.wording.reasons import companions, reason_words
from segmentry.report import words
from segmentry.report.read import Frames
from segmentry.report.sections.segments import Section
from segmentry.report.words import Words


def customers(frames: Frames, say: Words) -> Section:
    """One card per chosen customer: stage, segments, scores with percentiles and reasons."""
    if frames.examples.empty:
        return {"empty": "There is no customer to show."}
    names = frames.segment_names()
    cards = [_card(part, say, names) for _, part in frames.examples.groupby("position")]
    return {
        "lead": f"{len(cards)} customers, by id only, chosen because each tells a different "
        "story. Bars show where the score stands among all customers.",
        "cards": cards,
    }


def _card(part: pd.DataFrame, say: Words, names: dict[str, str]) -> Section:
    head = part.iloc[0]
    ids = (
        []
        if words.missing(head["segments"])
        else [item.strip() for item in str(head["segments"]).split(",") if item.strip()]
    )
    scores = [_score(row, say) for _, row in part.iterrows() if not words.missing(row["target"])]
    stage = head["lifecycle_stage"]
    gated = bool(scores) and all(score["percentile"] is None for score in scores)
    return {
        "id": head["customer_id"],
        "story": head["story"],
        "stage": "" if words.missing(stage) else words.humanise(stage),
        "segments": [names.get(item, words.humanise(item)) for item in ids],
        "scores": [] if gated else scores,
        "gated": gated,
    }


def _score(row: pd.Series, say: Words) -> Section:
    target = row["target"]
    if row["sufficiency"] != "ok" or words.missing(row["score"]):
        return {
            "name": say.target(target),
            "text": "not enough data",
            "percentile": None,
            "place": "",
            "reasons": [],
        }
    percentile = None if words.missing(row["percentile"]) else float(row["percentile"])
    return {
        "name": say.target(target),
        "text": say.score(target, row["score"]),
        "percentile": percentile,
        "place": _place(percentile),
        "reasons": [reason for n in (1, 2, 3) if (reason := _reason(row, n, say))],
    }


def _place(percentile: float | None) -> str:
    if percentile is None:
        return ""
    return (
        f"higher than {words.percent(max(0.0, percentile))} of customers"
        if (percentile < 0.995)
        else "among the highest 1% of customers"
    )


def _reason(row: pd.Series, number: int, say: Words) -> dict[str, Any] | None:
    feature, contribution = row[f"reason_{number}_feature"], row[f"reason_{number}_contribution"]
    if words.missing(feature) or words.missing(contribution):
        return None
    value = row[f"reason_{number}_value"]
    others = {name: float(row[name]) for name in companions() if not words.missing(row[name])}
    text = reason_words(
        feature,
        None if words.missing(value) else float(value),
        others=others,
        description=say.features.get(feature, ""),
        currency=say.currency,
    )
    return {"text": text, "raises": contribution > 0}

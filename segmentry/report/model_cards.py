"""Model cards: what each target asks, who answers, how it was tested, and what it is not good for.

One Markdown file per target beside the report; every figure is read from the published tables.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.target import Target
from data_contracts.wording.candidates import candidate_heading, candidate_words
from data_contracts.wording.dates import day_words
from data_contracts.wording.metrics import SHOWN, TARGET_METRICS, metric_heading, metric_words
from data_contracts.wording.numbers import NO_VALUE, count, fixed, percent, plural, with_error
from data_contracts.wording.reasons import theme_of
from data_contracts.wording.scores import score_words, unit_words
from ml.targets.candidates import is_rule
from segmentry.warehouse.door import Reader
from segmentry.warehouse.facts import reporting_currency

# Each is read once for all targets.
_QUERIES = {
    "versions": """
        select *, coalesce(effective_from, trained_as_of) as since from models.model_versions
        order by trained_as_of desc, is_promoted desc
    """,
    "in_use": """
        select target, max(model_version) as model_version from models.customer_scores
        where as_of_date = (select max(as_of_date) from models.customer_scores) group by target
    """,
    "metrics": "select * from models.model_metrics order by as_of_date, candidate",
    "level": """
        select target, as_of_date, predicted, observed, customer_count from models.model_curves
        where curve = 'calibration' and is_chosen
        qualify as_of_date = max(as_of_date) over (partition by target) order by bin
    """,
    "scored": """
        select target, sufficiency, sufficiency_reason, count(*) as customer_count
        from models.customer_scores
        where as_of_date = (select max(as_of_date) from models.customer_scores)
        group by all order by customer_count desc, sufficiency_reason
    """,
    "strongest": """
        with reasons as (
            select target, unnest([reason_1_feature, reason_2_feature, reason_3_feature]) as feature
            from models.customer_scores
            where as_of_date = (select max(as_of_date) from models.customer_scores))
        select target, feature, count(*) as customer_count
        from reasons where feature is not null group by target, feature order by feature
    """,
}
LISTED_THEMES = 8
_SPLITS = {
    "test": "tested on a later time",
    "selection": "the newest exam, which chose what serves",
    "matured": "scores against what happened",
}


def write_model_cards(cards: Iterable[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write `<target>.md` for every card into `folder`; cards of targets that are gone go too."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("segmentry.report", "templates"),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    template = environment.get_template("model_card.md.jinja")
    written = []
    for card in cards:
        path = folder / f"{card['target'].name}.md"
        path.write_text(template.render(card=card).strip() + "\n", encoding="utf-8")
        written.append(path)
    for path in set(folder.glob("*.md")) - set(written):
        path.unlink()
    return written


def never_seen(contracts: Contracts) -> set[str]:
    """The sensitive columns of every source, which no model may see."""
    return {
        column.name
        for table in contracts.of_stage("raw")
        for column in table.columns
        if column.classification == "sensitive"
    }


def model_cards(
    reader: Reader, targets: Iterable[Target], sensitive: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Target -> what its card tells. sensitive: columns that no model may see."""
    tables = {name: reader.read(sql) for name, sql in _QUERIES.items()}
    currency = reporting_currency(reader) or ""
    return {
        target.name: _card(
            target,
            {name: rows[rows["target"] == target.name] for name, rows in tables.items()},
            currency,
            sorted(sensitive),
        )
        for target in targets
    }


def _card(
    target: Target, tables: Mapping[str, pd.DataFrame], currency: str, sensitive: list[str]
) -> dict[str, Any]:
    """What a card tells, as plain values for the template. tables: the target's rows of each."""
    versions, scored = tables["versions"], tables["scored"]
    in_use = next(iter(tables["in_use"]["model_version"]), None)
    serving = versions[versions["model_version"] == in_use]
    scored_count = int(scored.loc[scored["sufficiency"] == "ok", "customer_count"].sum())
    unit = unit_words(target.kind, currency)
    return {
        "target": target,
        "minimum": _minimum(target),
        "metric": metric_words(target.metric),
        "model": _model(serving.iloc[0]) if len(serving) else None,
        "decision": versions.iloc[0]["reason"] if len(versions) else "no model has been trained",
        "tests": _tests(tables["metrics"], target),
        "main": [metric_heading(name, unit) for name in SHOWN[target.kind]],
        "level": _level(tables["level"], target, currency),
        "scored": _scored(scored),
        "strongest": _strongest(tables["strongest"], scored_count),
        "sensitive": sensitive,
        "history": [
            {
                "version": row["model_version"],
                "trained": day_words(row["trained_as_of"]),
                "outcome": _outcome(row, in_use),
                "reason": str(row["reason"]).replace("|", "/"),
            }
            for row in versions.to_dict("records")
        ],
    }


def _outcome(row: Mapping[Any, Any], in_use: object) -> str:
    if row["model_version"] == in_use:
        return "in use"
    return "promoted" if row["is_promoted"] else "kept out"


def _minimum(target: Target) -> str:
    negatives = f" and {target.minimum_negatives} to whom it did not" * target.is_probability
    return (
        f"{target.minimum_customers} customers, among them {target.minimum_positives} to whom it "
        f"happened{negatives}"
    )


def _model(row: "pd.Series[Any]") -> dict[str, Any]:
    parameters = json.loads(row["parameters"] or "{}")
    origins = sorted(str(row["training_origins"] or "").split(","))
    dropped: Mapping[str, str] = parameters.get("dropped_features", {})
    weights: Mapping[str, float] = parameters.get("weights", {})
    features = len(str(row["feature_list"] or "").split(","))
    return {
        "version": row["model_version"],
        "name": candidate_words(str(row["candidate"])),
        "is_rule": is_rule(str(row["candidate"])),
        "weights": [
            f"{candidate_words(name)} {fixed(weight, 2)}"
            for name, weight in weights.items()
            if weight
        ],
        "trained": day_words(row["trained_as_of"]),
        "since": day_words(row["since"]),
        "rows": count(row["training_rows"]),
        "origins": len(origins),
        "first": day_words(pd.Timestamp(origins[0])) if origins[0] else "",
        "last": day_words(pd.Timestamp(origins[-1])) if origins[-1] else "",
        "features": features,
        "dropped": _dropped(dropped),
        "code": row["code_version"],
        "data_digest": str(row["data_digest"])[:12],
        "artefact_digest": str(row["artefact_digest"])[:12],
    }


def _dropped(dropped: Mapping[str, str]) -> list[str]:
    counts = pd.Series(dict(dropped), dtype=object).value_counts()
    return [f"{number} {reason}" for reason, number in counts.items()]


def _tests(metrics: pd.DataFrame, target: Target) -> list[dict[str, Any]]:
    """Per split, the newest date: every candidate's main figures with standard errors."""
    names, tests = SHOWN[target.kind], []
    for split, title in _SPLITS.items():
        rows = metrics[(metrics["split"] == split) & metrics["metric"].isin(names)]
        if rows.empty:
            continue
        newest = rows[rows["as_of_date"] == rows["as_of_date"].max()]
        lines: list[dict[str, Any]] = [
            {
                "name": candidate_heading(str(candidate)),
                "chosen": bool(part["is_chosen"].any()),
                "cells": [_cell(part, name) for name in names],
                "order": _order(part, names[0]),
            }
            for candidate, part in newest.groupby("candidate")
        ]
        tests.append(
            {
                "title": title,
                "date": day_words(newest["as_of_date"].iloc[0]),
                "customers": count(newest["customer_count"].max()),
                "dates": int(rows["as_of_date"].nunique()),
                "lines": sorted(lines, key=lambda line: line["order"]),
            }
        )
    return tests


def _order(part: pd.DataFrame, metric: str) -> float:
    value = part.loc[part["metric"] == metric, "value"]
    return float("inf") if value.empty else -TARGET_METRICS[metric].better * float(value.iloc[0])


def _cell(part: pd.DataFrame, metric: str) -> str:
    rows = part[part["metric"] == metric]
    if rows.empty:
        return NO_VALUE
    row = rows.iloc[0]
    return with_error(row["value"], row["standard_error"])


def _level(curve: pd.DataFrame, target: Target, currency: str) -> dict[str, Any] | None:
    """Predicted beside observed by tenths, and in all; each as what it is."""
    if curve.empty:
        return None

    def number(value: float) -> str:
        return score_words(target.kind, value, currency=currency)

    weight = curve["customer_count"]
    predicted = float((curve["predicted"] * weight).sum() / weight.sum())
    observed = float((curve["observed"] * weight).sum() / weight.sum())
    return {
        "date": day_words(curve["as_of_date"].iloc[0]),
        "predicted": number(predicted),
        "observed": number(observed),
        "lines": [
            (number(row["predicted"]), number(row["observed"]), count(row["customer_count"]))
            for row in curve.to_dict("records")
        ],
    }


def _scored(scored: pd.DataFrame) -> list[str]:
    return [
        f"{plural(row['customer_count'], 'customer')}: "
        + ("scored" if row["sufficiency"] == "ok" else str(row["sufficiency_reason"]))
        for row in scored.to_dict("records")
    ]


def _strongest(reasons: pd.DataFrame, scored: int) -> list[tuple[str, str]]:
    """Themes by the share of the scored customers whose three strongest reasons have it."""
    if reasons.empty or not scored:
        return []
    counts = reasons.groupby(reasons["feature"].map(theme_of))["customer_count"].sum()
    strongest = counts.sort_values(ascending=False, kind="stable").head(LISTED_THEMES)
    return [(str(theme), percent(number / scored)) for theme, number in strongest.items()]


def in_short(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The card in a few lines, for the page."""
    target, model = card["target"], card["model"]
    lines = [
        ("Question", target.question),
        ("Asked about", target.population_words),
        ("What counts", f"{target.label}, within {target.horizon_days} days"),
        ("Needs at least", card["minimum"]),
    ]
    if model:
        dropped = f"; no information from {', '.join(model['dropped'])}" if model["dropped"] else ""
        lines += [
            ("In use", f"{model['version']}, {model['name']}, since {model['since']}"),
            (
                "Learned from",
                f"{model['rows']} rows at {model['origins']} dates from {model['first']} to "
                f"{model['last']}; {model['features']} features{dropped}",
            ),
        ]
    lines.append(("Today", "; ".join(card["scored"]) or "nobody"))
    if card["strongest"]:
        themes = "; ".join(f"{theme} ({share})" for theme, share in card["strongest"])
        lines.append(("Strongest reasons", themes))
    never = ", ".join(name.replace("_", " ") for name in card["sensitive"])
    lines.append(("Never seen by it", never or "nothing is called sensitive"))
    return lines

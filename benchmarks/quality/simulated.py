"""What no public data set can tell: who has really left, and who renews, moves up, or converts.

Two simulated worlds go through the product's own mart and training; only this benchmark opens their
folder of truth. One has every channel, for leads, discounts and who has left; the other, larger,
only the shop and its billing, since few customers subscribe and few subscribers move up in a
quarter. Every choice is made at an origin before the one that is told, as for every target.
"""

from __future__ import annotations

import datetime
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks.identity_worlds import SCORED, TYPES
from benchmarks.mart import build_mart, label_mart
from benchmarks.quality.comparison import number
from ml.frames import FeatureTable
from ml.metrics import auc, auc_standard_error
from ml.origins import needed_dates
from ml.targets.training import TrainedTarget, train_targets
from orchestration.resources import SegmentryHome
from segmentry.home import Home
from segmentry.models.targets.labels import read_labels, sampled
from segmentry.models.targets.training import read_features
from segmentry.project.vocabulary import targets
from simulation.world import simulate

START = datetime.date(2023, 1, 2)
LEAST_CHURN_AUC = 0.85


@dataclass(frozen=True)
class World:
    """One shop. systems: whose exports are delivered, all without any. churn: targets whose scores
    are held against the truth; beside_rule: those held against their best rule."""

    customers: int
    days: int
    seed: int
    beside_rule: tuple[str, ...]
    churn: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()


WORLDS = (
    World(
        12_000, 365, 21, ("lead_conversion_28d", "discount_response"), ("churn_28d", "churn_91d")
    ),
    World(120_000, 500, 22, ("renewal", "upsell"), systems=("shop", "billing", "fx")),
)


def report() -> list[str]:
    """Build the worlds and tell what the models say of them."""
    lines = []
    for world in WORLDS:
        with tempfile.TemporaryDirectory() as folder:
            lines += _report(world, Path(folder))
    return [*lines, ""]


def _report(world: World, folder: Path) -> list[str]:
    landing, truth = folder / "landing", folder / "truth"
    simulate(world.customers, world.days, world.seed, landing, START)
    shutil.move(landing / "truth", truth)
    for export in landing.iterdir():
        if world.systems and export.name.split("_")[0] not in world.systems:
            shutil.rmtree(export)
    wanted = {name: targets()[name] for name in (*world.beside_rule, *world.churn)}
    day = START + datetime.timedelta(days=world.days)
    dates = needed_dates(day, wanted.values(), START)
    began = time.monotonic()
    segmentry = build_mart(Home(folder / "home"), "omnishop", landing, dates, day)
    label_mart(segmentry, wanted, day)
    built = time.monotonic() - began
    warehouse = segmentry.warehouse
    who = sampled(warehouse, [*dates, day], wanted)
    features = read_features(warehouse, [*dates, day], who)
    labels = read_labels(warehouse, day, wanted, who)
    began = time.monotonic()
    trained = train_targets(FeatureTable.from_frame(features), labels, wanted.values(), day, START)
    lines = [
        f"A world of {world.customers:,} people and {world.days} days, seed {world.seed}, "
        f"{' and '.join(world.systems) or 'every channel'}: mart built in {built:.0f} s, "
        f"trained in {time.monotonic() - began:.0f} s"
    ]
    if world.churn:
        lines += churn_lines(segmentry, truth, {name: trained[name] for name in world.churn})
    for target in world.beside_rule:
        lines += target_lines(trained[target])
    return lines


def target_lines(trained: TrainedTarget) -> list[str]:
    """How a target's choice did against its best rule, by metric, and why it was chosen."""
    lines = [f"  {trained.target.name}: {trained.reason}"]
    metrics = trained.backtest.metrics
    rows = metrics[metrics["split"].isin(["test", "selection"]) & metrics["is_chosen"]]
    rows = rows[rows["as_of_date"] == rows["as_of_date"].max()].set_index("metric")
    if rows.empty:
        return lines
    for metric, better in (("auc", 1.0), ("brier", -1.0)):
        row = rows.loc[metric]
        beats = better * (row["value"] - row["rule_value"]) > 0.0
        lines.append(
            f"    {metric} at {pd.Timestamp(row['as_of_date']).date()}, "
            f"{row['customer_count']:,} people: {row['candidate']} {number(row['value'])} "
            f"± {number(row['standard_error'])}, best rule {number(row['rule_value'])}: "
            f"{'beats it' if beats else 'does NOT beat it'}"
        )
    return lines


def churn_lines(
    segmentry: SegmentryHome, truth: Path, trained: Mapping[str, TrainedTarget]
) -> list[str]:
    """How well the churn scores of the last day rank the customers who have truly left."""
    with segmentry.warehouse.connect() as connection:
        people = _people(connection, truth)
    lines = []
    for name, result in trained.items():
        if result.model is None:
            lines.append(f"  {name}: {result.reason}")
            continue
        day = result.backtest.trained_as_of
        now = read_features(segmentry.warehouse, [day], result.target.population)
        now = now.assign(score=result.model.score(result.model.matrix(now)))
        rows = now[["customer_id", "recency_days", "score"]].merge(people, on="customer_id")
        left = (rows["left_date"] <= pd.Timestamp(day)).astype(float).to_numpy()
        score = rows["score"].to_numpy(dtype=np.float64)
        value = auc(left, score)
        recency = auc(left, rows["recency_days"].to_numpy(dtype=np.float64))
        word = "reached" if value >= LEAST_CHURN_AUC else "NOT reached"
        lines.append(
            f"  {name} ranks those who truly left ({left.mean():.1%} of {len(left):,}) with AUC "
            f"{value:.4f} ± {auc_standard_error(left, score):.4f}, days since the last order with "
            f"{recency:.4f}: {LEAST_CHURN_AUC} is {word}"
        )
    return lines


def _people(connection: duckdb.DuckDBPyConnection, truth: Path) -> pd.DataFrame:
    """customer_id, left_date: of the person that most of a customer's identifiers are."""
    names = pd.DataFrame({"theirs": list(TYPES), "ours": list(TYPES.values())})
    connection.register("names_of_types", names)
    found = connection.execute(SCORED, {"truth": f"{truth}/identifiers/*.parquet"}).df()
    connection.unregister("names_of_types")
    found = found[~found["is_blocked"].eq(True)]
    counted = found.groupby(["customer_id", "person_id"]).size().reset_index(name="n")
    own = counted.sort_values(["customer_id", "n", "person_id"], ascending=[True, False, True])
    left = connection.execute(f"select person_id, left_date from '{truth}/persons/*.parquet'").df()
    return own.drop_duplicates("customer_id").merge(left, on="person_id")

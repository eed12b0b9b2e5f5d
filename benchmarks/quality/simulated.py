"""What no public data set can tell: who has really left, and who renews, moves up, or converts.

Two simulated worlds go through the whole line as any shop would; only this benchmark opens their
folder of truth. One has every channel, for leads and discounts; the other, larger, only the shop
and its billing, since few customers subscribe and few subscribers move up in a quarter. Chosen
is at the newest origin before the one that is told, as for every target.
"""

from __future__ import annotations

import datetime
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks.identity_worlds import SCORED, TYPES
from benchmarks.quality.comparison import number
from ml.metrics import auc, auc_standard_error
from orchestration.home import Config, Home
from orchestration.run import run_whole_line
from simulation.world import simulate

START = datetime.date(2023, 1, 2)
LEAST_CHURN_AUC = 0.85


@dataclass(frozen=True)
class World:
    """One shop. systems: whose exports are delivered, all without any."""

    customers: int
    days: int
    seed: int
    targets: tuple[str, ...]
    systems: tuple[str, ...] = ()


WORLDS = (
    World(12_000, 365, 21, ("lead_conversion_28d", "discount_response")),
    World(90_000, 500, 22, ("renewal", "upsell"), ("shop", "billing", "fx")),
)


def report() -> list[str]:
    """Build the worlds and tell what the models say of them."""
    lines = []
    for world in WORLDS:
        with tempfile.TemporaryDirectory() as folder:
            lines += _report(world, Path(folder))
    return [*lines, ""]


def _report(world: World, folder: Path) -> list[str]:
    landing, truth, home = folder / "landing", folder / "truth", Home(folder / "home")
    simulate(world.customers, world.days, world.seed, landing, START)
    shutil.move(landing / "truth", truth)
    for export in landing.iterdir():
        if world.systems and export.name.split("_")[0] not in world.systems:
            shutil.rmtree(export)
    home.create()
    home.write_config(Config(cadence_days=28, history_periods=1))
    outcome = run_whole_line(home, {"omnishop": landing}, None)
    if not outcome.success:
        return [f"the run failed: {outcome.failure}"]
    lines = [
        f"A world of {world.customers:,} people and {world.days} days, seed {world.seed}, "
        f"{' and '.join(world.systems) or 'every channel'}: built in {outcome.seconds:.0f} s"
    ]
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        lines += churn_lines(connection, truth)
        for target in world.targets:
            lines += target_lines(connection, target)
    return lines


_TESTED = """
    select candidate, metric, value, standard_error, rule_value, customer_count, as_of_date
    from models.model_metrics
    where target = ? and split = 'test' and is_chosen
    qualify trained_as_of = max(trained_as_of) over ()
        and as_of_date = max(as_of_date) over (partition by trained_as_of)
"""
_REASON = """
    select arg_max(reason, trained_as_of) from models.model_versions where target = ?
"""


def target_lines(connection: duckdb.DuckDBPyConnection, target: str) -> list[str]:
    """How a target's choice did against its best rule, by metric, and why it was chosen."""
    rows = connection.execute(_TESTED, [target]).df().set_index("metric")
    reason = connection.execute(_REASON, [target]).fetchone()
    told = f"  {target}: {reason[0] if reason else 'never trained'}"
    if rows.empty:
        return [told]
    lines = [told]
    for metric, better in (("auc", 1.0), ("brier", -1.0)):
        row = rows.loc[metric]
        beats = better * (row["value"] - row["rule_value"]) > 0.0
        lines.append(
            f"    {metric} at {row['as_of_date']:%Y-%m-%d}, {row['customer_count']:,} people: "
            f"{row['candidate']} {number(row['value'])} ± {number(row['standard_error'])}, best "
            f"rule {number(row['rule_value'])}: {'beats it' if beats else 'does NOT beat it'}"
        )
    return lines


_CHURN = """
    select s.customer_id, s.target, s.score, f.recency_days, s.as_of_date
    from models.customer_scores as s
    inner join features.customer_features as f
        on f.customer_id = s.customer_id and f.as_of_date = s.as_of_date
    where s.target in ('churn_28d', 'churn_91d') and s.sufficiency = 'ok'
        and s.as_of_date = (select max(as_of_date) from models.customer_scores)
    order by s.target, s.customer_id
"""


def churn_lines(connection: duckdb.DuckDBPyConnection, truth: Path) -> list[str]:
    """How well the churn scores of the last day rank the customers who have truly left."""
    names = pd.DataFrame({"theirs": list(TYPES), "ours": list(TYPES.values())})
    connection.register("names_of_types", names)
    found = connection.execute(SCORED, {"truth": f"{truth}/identifiers/*.parquet"}).df()
    connection.unregister("names_of_types")
    is_blocked = found["is_blocked"].eq(True)
    counted = found[~is_blocked].groupby(["customer_id", "person_id"]).size().reset_index(name="n")
    own = counted.sort_values(["customer_id", "n", "person_id"], ascending=[True, False, True])
    own = own.drop_duplicates("customer_id")
    people = connection.execute(
        f"select person_id, left_date from '{truth}/persons/*.parquet'"
    ).df()
    lines = []
    scores = connection.execute(_CHURN).df().merge(own, on="customer_id").merge(people)
    for target, rows in scores.groupby("target"):
        left = (rows["left_date"] <= rows["as_of_date"]).astype(float).to_numpy()
        score = rows["score"].to_numpy(dtype=np.float64)
        value = auc(left, score)
        recency = auc(left, rows["recency_days"].to_numpy(dtype=np.float64))
        word = "reached" if value >= LEAST_CHURN_AUC else "NOT reached"
        lines.append(
            f"  {target} ranks those who truly left ({left.mean():.1%} of {len(left):,}) with AUC "
            f"{value:.4f} ± {auc_standard_error(left, score):.4f}, days since the last order with "
            f"{recency:.4f}: {LEAST_CHURN_AUC} is {word}"
        )
    return lines

"""Whether segments find the kinds of customers that a simulated world is made of.

A type is caught by its catalogue segment or by one discovered cluster, whichever does better, among
customers with enough behaviour to show it. Only this benchmark opens the folder of truth. The
definitions were tuned on a world of another seed. Some kinds differ too little to be told apart by
anybody: beside each figure stands what a model reaches that is shown the truth of three quarters
of the same customers.

Whom a kind can show itself in: who loves e-mail, only where e-mails are sent; who is a loyal
regular, by the absence of every other habit, which takes more orders to show than a habit does,
and only while they come. A silent leaver who has not left yet lives as a regular does: nobody can
tell the two apart before. These two kinds are also told among all buyers.
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
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks.identity_worlds import SCORED, TYPES
from ml.frames import numeric_features, to_matrix
from orchestration.cli.progress import progress_logger
from orchestration.run import run_whole_line
from segmentry.home import Config, Home
from segmentry.warehouse.door import Warehouse
from simulation.world import simulate

START = datetime.date(2023, 1, 2)
# Two years, as a retailer has them: a season shows itself when it comes again.
CUSTOMERS, DAYS, SEED = 3_000, 730, 31
GOAL = 0.8


@dataclass(frozen=True)
class Planted:
    """A planted kind. truth, shown: conditions over persons and features; segment: who should
    catch it."""

    name: str
    segment: str
    truth: str
    shown: str


_BUYERS = "orders_364d_count >= 4 and tenure_days >= 364"
_READERS = f"{_BUYERS} and email_sent_364d_count >= 12"
_REGULARS = "orders_364d_count >= 8 and tenure_days >= 364 and recency_days < 91"
_VISITORS = "sessions_364d_count >= 6"
KINDS = (
    Planted("seasonal", "seasonal_buyer", "latent_type = 'seasonal'", _BUYERS),
    Planted("weekend", "weekend_shopper", "latent_type = 'weekend'", _BUYERS),
    Planted("e-mail first", "email_first", "latent_type = 'email_lover'", _READERS),
    Planted("e-mail first, mailed or not", "email_first", "latent_type = 'email_lover'", _BUYERS),
    Planted("discount only", "discount_only", "latent_type = 'discount_only'", _BUYERS),
    Planted("subscriber", "subscriber", "latent_type = 'subscriber'", _BUYERS),
    Planted("browser", "window_shopper", "latent_type = 'browser'", _VISITORS),
    Planted("cart abandoner", "habitual_cart_leaver", "latent_type = 'cart_abandoner'", _VISITORS),
    Planted("loyal regular", "loyal_regular", "latent_type = 'loyal_regular'", _REGULARS),
    Planted("loyal, however rare", "loyal_regular", "latent_type = 'loyal_regular'", _BUYERS),
    Planted("has truly left", "silent_leaver", "true_state = 'left'", "order_count >= 4"),
)


def report() -> list[str]:
    """Build a world and tell how well each kind is caught."""
    with tempfile.TemporaryDirectory() as folder:
        landing, truth = Path(folder) / "landing", Path(folder) / "truth"
        home = Home(Path(folder) / "home")
        simulate(CUSTOMERS, DAYS, SEED, landing, START)
        shutil.move(landing / "truth", truth)
        home.create()
        home.write_config(Config(cadence_days=28, history_periods=1))
        outcome = run_whole_line(home, {"omnishop": landing}, None, progress=progress_logger)
        if not outcome.success:
            return [f"the run failed: {outcome.failure}"]
        with Warehouse(home).connect() as connection:
            lines = planted_lines(connection, truth)
    world = f"A world of {CUSTOMERS:,} people and {DAYS} days, seed {SEED}, every channel"
    return [f"{world}: built in {outcome.seconds:.0f} s", *lines, ""]


def planted_lines(connection: duckdb.DuckDBPyConnection, truth: Path) -> list[str]:
    """One line per planted kind at the newest judged date."""
    customers = _customers(connection, truth)
    connection.register("customers", customers)
    lines = []
    for kind in KINDS:
        shown = connection.execute(
            f"select customer_id, coalesce({kind.truth}, false) as is_kind from customers "
            f"where {kind.shown} order by customer_id"
        ).df()
        is_kind = shown["is_kind"].to_numpy(dtype=bool)
        by_segment = f1(is_kind, _members(connection, shown, kind.segment))
        cluster, by_cluster = _best_cluster(connection, shown, is_kind)
        known = customers.set_index("customer_id").loc[shown["customer_id"]]
        best = max(by_segment, by_cluster)
        shown_truth = _shown_truth(known, is_kind)
        lines.append(
            f"  {kind.name}: {is_kind.sum()} of {len(shown)} with {kind.shown}; "
            f"{kind.segment} F1 {by_segment:.3f}, "
            f"best cluster {cluster} {by_cluster:.3f}; shown the truth {shown_truth:.3f}: "
            f"{GOAL} is {'reached' if best >= GOAL else 'NOT reached'}"
        )
    return lines


def f1(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Harmonic mean of precision and recall; 0 where both are."""
    both = int((truth & found).sum())
    return 2 * both / max(int(truth.sum()) + int(found.sum()), 1)


def _customers(connection: duckdb.DuckDBPyConnection, truth: Path) -> pd.DataFrame:
    """Features at the newest judged date and the person that most of each customer's ids are."""
    names = pd.DataFrame({"theirs": list(TYPES), "ours": list(TYPES.values())})
    connection.register("names_of_types", names)
    found = connection.execute(SCORED, {"truth": f"{truth}/identifiers/*.parquet"}).df()
    counted = found.groupby(["customer_id", "person_id"]).size().reset_index(name="n")
    order = ["customer_id", "n", "person_id"]
    own = counted.sort_values(order, ascending=[True, False, True]).drop_duplicates("customer_id")
    persons = connection.execute(
        f"select person_id, latent_type, true_state from '{truth}/persons/*.parquet'"
    ).df()
    features = connection.execute(
        "select * from features.customer_features "
        "where as_of_date = (select max(as_of_date) from models.customer_scores)"
    ).df()
    known = own[["customer_id", "person_id"]].merge(persons, on="person_id")
    return features.merge(known, on="customer_id").drop(columns="person_id")


def _members(
    connection: duckdb.DuckDBPyConnection, shown: pd.DataFrame, segment: str
) -> NDArray[np.bool_]:
    found = connection.execute(
        "select customer_id from segments.segment_membership_history "
        "where segment_id = ? and valid_to is null",
        [segment],
    ).df()
    return shown["customer_id"].isin(found["customer_id"]).to_numpy(dtype=bool)


def _best_cluster(
    connection: duckdb.DuckDBPyConnection, shown: pd.DataFrame, is_kind: NDArray[np.bool_]
) -> tuple[str, float]:
    assigned = connection.execute(
        "select customer_id, clustering || ' ' || cluster_id as cluster "
        "from models.cluster_assignments "
        "where as_of_date = (select max(as_of_date) from models.cluster_assignments)"
    ).df()
    best = ("none", 0.0)
    for cluster, rows in assigned.groupby("cluster"):
        inside = shown["customer_id"].isin(rows["customer_id"]).to_numpy(dtype=bool)
        value = f1(is_kind, inside)
        best = max(best, (str(cluster), value), key=lambda item: item[1])
    return best


def _shown_truth(known: pd.DataFrame, is_kind: NDArray[np.bool_]) -> float:
    """The best F1 over thresholds of a model that learns the truth itself, out of fold."""
    x = to_matrix(known, numeric_features(known))
    model = LGBMClassifier(n_estimators=60, num_leaves=7, verbose=-1, n_jobs=1)
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    score = cross_val_predict(model, x, is_kind, cv=folds, method="predict_proba")[:, 1]
    hits = np.cumsum(is_kind[np.argsort(-score)])
    return float((2 * hits / (np.arange(1, len(hits) + 1) + is_kind.sum())).max())

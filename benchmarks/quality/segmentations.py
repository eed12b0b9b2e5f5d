"""What segmentations say about the next 13 weeks, and how still they hold.

R2: share of the spend of the next 13 weeks explained, segment means learned on one half of the
customers and tested on the other, mean of 20 random halvings. 1-month ARI: the same fitted
segments applied four weeks later. Ours is the clustering `value`, fitted as a run would have done
on the judged date: grown 13 weeks before it on the spend that was known by then, its kind and size
chosen with figures of that earlier date alone.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score
from sklearn.tree import DecisionTreeRegressor

from benchmarks.cdnow import read_purchases, write_landing
from benchmarks.mart import build_mart
from data_contracts.compiler.to_labels import labels_sql
from data_contracts.definitions.lens import Lens
from ml.clusters.candidates import halves, holdout_r2
from ml.clusters.fitting import fit_clustering
from ml.clusters.lineage import match_clusters
from ml.clusters.promotion import decide_clustering_promotion
from ml.frames import numeric_features, to_days, to_matrix, varying_columns
from ml.origins import MONTH_DAYS, clustering_dates
from segmentry.home import Home
from segmentry.models.targets.training import read_features
from segmentry.project.vocabulary import lenses, targets
from segmentry.warehouse.door import Warehouse

MONTH = timedelta(days=MONTH_DAYS)
VALUE = "spend_91d"
HALVINGS = 20
# Judged date and what is asked for there: R2, 1-month ARI.
JOURNEY = (date(2017, 9, 30), 0.70, 0.75)
CDNOW = ((date(1997, 12, 31), 0.30, 0.95), (date(1998, 4, 1), 0.30, 0.95))
PEERS = (
    ("KMeans on log RFM, k = 2 (best silhouette)", 0.22, 0.62, 0.084, 0.87),
    ("KMeans on log RFM, k = 8", 0.465, 0.295, 0.210, 0.91),
    ("GMM on log RFM (BIC)", 0.267, 0.13, 0.189, 0.93),
    ("HDBSCAN on log RFM", 0.064, 0.17, 0.160, 0.94),
    ("Ward, k = 5", 0.463, 0.34, 0.194, 0.91),
    ("RFM grid 5x5x5 (99 cells)", 0.538, 0.31, 0.147, 0.61),
    ("deciles of predicted spend", 0.659, 0.37, 0.161, 0.57),
    ("tree of 8 leaves", 0.680, 0.74, 0.293, 0.95),
)


@dataclass(frozen=True)
class Mart:
    """Features and labels of some dates."""

    frame: pd.DataFrame
    labels: pd.DataFrame

    def at(self, day: date) -> pd.DataFrame:
        """Customers with history at one date."""
        here = to_days(self.frame["as_of_date"]) == np.datetime64(day, "D")
        return self.frame[here & self.frame["recency_days"].notna()].set_index(
            "customer_id", drop=False
        )

    def known_at(self, day: date) -> pd.DataFrame:
        """Labels whose windows had passed by a date."""
        ends = to_days(self.labels["as_of_date"]) + np.timedelta64(91, "D")
        return self.labels[ends <= np.datetime64(day, "D")]

    def spent_after(self, day: date) -> pd.Series:
        """Spend of the next 13 weeks by customer."""
        here = to_days(self.labels["as_of_date"]) == np.datetime64(day, "D")
        return self.labels[here].set_index("customer_id")["label"]


def read_mart(warehouse: Warehouse, days: set[date]) -> Mart:
    """The mart of a warehouse at `days`, and what was spent in the 13 weeks after each."""
    values = ", ".join(f"(date '{day}')" for day in sorted(days))
    newest = "(select as_of_date from ops.build_dates where purpose = 'newest')"
    dates = f"(select * from (values {values}) as listed (as_of_date))"
    sql = labels_sql([targets()[VALUE]], dates, "features.customer_features", newest)
    return Mart(read_features(warehouse, sorted(days)), warehouse.read(sql))


def dates_of(judged: date) -> set[date]:
    """Every date that judging at one date looks at."""
    return {judged, judged + MONTH, *clustering_dates(judged)}


def judge_segments(now: np.ndarray, later: np.ndarray, spent: np.ndarray) -> tuple[float, float]:
    """R2 over HALVINGS and ARI; now (n,), later (n,) -1 where gone, spent (n,)."""
    turns = [
        holdout_r2(now, spent, half) for seed in range(HALVINGS) for half in halves(len(now), seed)
    ]
    stayed = later >= 0
    return float(np.mean(turns)), float(adjusted_rand_score(now[stayed], later[stayed]))


def ours(mart: Mart, judged: date, lens: Lens) -> tuple[str, int, float, float]:
    """Candidate, segments, R2 and ARI of the clustering that a run at `judged` would fit."""
    model = fit_clustering(mart.frame, mart.known_at(judged), judged, lens).model
    if model is None:
        raise ValueError(f"no clustering could be fitted at {judged}")
    now, later = mart.at(judged), mart.at(judged + MONTH)
    cluster = model.assign(model.matrix(now))
    again = pd.Series(model.assign(model.matrix(later)), later.index)
    found = again.reindex(now.index).fillna(-1).to_numpy(dtype=np.intp)
    spent = mart.spent_after(judged).reindex(now.index).to_numpy(dtype=np.float64)
    return model.candidate, model.assigner.size, *judge_segments(cluster, found, spent)


def tree_peer(mart: Mart, judged: date, leaves: int = 8) -> tuple[float, float]:
    """The best peer on our features: what it reaches here shows what date and features make."""
    grown_at, _ = clustering_dates(judged)
    then, now, later = mart.at(grown_at), mart.at(judged), mart.at(judged + MONTH)
    numeric = numeric_features(then)
    names = [numeric[p] for p in varying_columns(to_matrix(then, numeric))]
    value = mart.spent_after(grown_at).reindex(then.index)
    tree = DecisionTreeRegressor(max_leaf_nodes=leaves, min_samples_leaf=20, random_state=0)
    tree.fit(to_matrix(then, names), value)
    again = pd.Series(tree.apply(to_matrix(later, names)), later.index)
    found = again.reindex(now.index).fillna(-1).to_numpy(dtype=np.intp)
    spent = mart.spent_after(judged).reindex(now.index).to_numpy(dtype=np.float64)
    return judge_segments(tree.apply(to_matrix(now, names)), found, spent)


def kept_ids(mart: Mart, before: date, lens: Lens) -> tuple[float, float, float] | None:
    """Whether ids live on when the clustering is fitted again a month later with another seed.

    Of the customers whose old clusters say that their behaviour did not change: the share that
    keeps its id as promotion decides, and were the new fit forced; and the share of such customers.
    """
    after = before + MONTH
    old = fit_clustering(mart.frame, mart.known_at(before), before, lens, seed=0).model
    refit = fit_clustering(mart.frame, mart.known_at(after), after, lens, seed=1)
    if old is None or refit.model is None:
        return None
    then, now = mart.at(before), mart.at(after)
    both = then.index.intersection(now.index)
    first, last = (old.assign(old.matrix(frame.loc[both])) for frame in (then, now))
    new = refit.model.assign(refit.model.matrix(now.loc[both]))
    ids = match_clusters(last, new, old.cluster_ids, refit.model.assigner.size, old.last_id)
    unchanged = first == last
    named = np.asarray(old.cluster_ids)[first]
    forced = float((named == np.asarray(ids.new_ids)[new])[unchanged].mean())
    decided = decide_clustering_promotion(refit, old, mart.frame, mart.known_at(after), lens)
    return forced if decided.is_promoted else 1.0, forced, float(unchanged.mean())


def report() -> list[str]:
    """The table, what ours reaches on both data sets, and how many keep their cluster."""
    lines = [f"  {'peer':44}{'Complete Journey':>18}{'CDNOW full':>16}", f"  {'':44}R2 / ARI"]
    for name, r2, ari, cd_r2, cd_ari in PEERS:
        lines.append(f"  {name:44}{r2:>10.3f} / {ari:.3f}{cd_r2:>9.3f} / {cd_ari:.2f}")
    home = Home.at()
    if home.warehouse.exists():
        lines += ["", *_of_journey(Warehouse(home))]
    else:
        lines += ["", "Complete Journey: no warehouse; run the demo first"]
    return [*lines, "", *_of_cdnow()]


def _of_journey(warehouse: Warehouse) -> list[str]:
    judged = JOURNEY[0]
    refit = date(2017, 12, 2)
    days = dates_of(judged) | dates_of(refit) | set(clustering_dates(refit + MONTH))
    mart = read_mart(warehouse, days)
    missing = [f"{day}" for day in sorted(days) if mart.at(day).empty]
    if missing:
        return [f"Complete Journey: the mart has no {', '.join(missing)}; run the demo first"]
    lines = _judged(mart, "Complete Journey", *JOURNEY)
    lines.append(f"  fitted again a month after {refit} with another seed: of the customers whose")
    lines.append("  old clusters say that they did not change, keep their cluster id")
    for name, lens in lenses().items():
        kept = kept_ids(mart, refit, lens)
        told = "not enough data"
        if kept is not None:
            word = "within" if kept[0] >= 0.9 else "NOT within"
            told = f"{kept[0]:.1%} ({word}); {kept[1]:.1%} were the new fit forced"
        lines.append(f"    {name:12}{told}")
    return lines


def _of_cdnow() -> list[str]:
    days = set().union(*(dates_of(judged) for judged, _, _ in CDNOW))
    with tempfile.TemporaryDirectory() as folder:
        landing = write_landing(read_purchases("full"), Path(folder) / "landing")
        home = Home(Path(folder) / "home")
        build_mart(home, "standard", landing, days, date(1998, 7, 1))
        mart = read_mart(Warehouse(home), days)
    return [line for asked in CDNOW for line in _judged(mart, "CDNOW full", *asked)]


def _judged(mart: Mart, title: str, judged: date, least_r2: float, least_ari: float) -> list[str]:
    candidate, size, r2, ari = ours(mart, judged, lenses()["value"])
    tree_r2, tree_ari = tree_peer(mart, judged)
    reached = r2 >= least_r2 and ari >= least_ari
    return [
        f"{title} at {judged}, grown at {clustering_dates(judged)[0]}, {len(mart.at(judged)):,} "
        "customers",
        f"  {'tree of 8 leaves, on our features':44}{tree_r2:>10.3f} / {tree_ari:.3f}",
        f"  {f'ours: {size} segments, {candidate}':44}{r2:>10.3f} / {ari:.3f}   "
        f"{'within' if reached else 'NOT within'} (at least {least_r2:.2f} / {least_ari:.2f})",
    ]

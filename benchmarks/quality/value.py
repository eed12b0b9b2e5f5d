"""Lifetime value and inactivity on CDNOW, through the product's own line.

Purchases are landed with the source standard, the mart is built at the dates that training needs,
and the project's own targets are trained as of the end of each calibration period. Horizons of 26
and 39 weeks are longer than that history can teach: there the models of 91 days are stretched, as
everywhere. Everything was chosen on labels that ended by then.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cdnow import END, START, read_purchases, write_landing
from benchmarks.mart import build_mart, label_mart
from benchmarks.quality.comparison import LOWER_IS_BETTER, number
from benchmarks.quality.value_splits import AMOUNTS, CHANCES, SPLITS, Split
from data_contracts.definitions.target import Target
from ml.estimators.btyd.models import BuyTillYouDie, Inputs
from ml.frames import FeatureTable, Floats
from ml.metrics import LOSSES, aggregate_error, auc, brier_losses, ngini, pr_auc, top_decile_share
from ml.origins import needed_dates
from ml.targets.training import TrainedTarget, train_targets
from orchestration.resources import SegmentryHome
from segmentry.home import Home
from segmentry.models.targets.labels import asked, read_labels
from segmentry.models.targets.training import read_features
from segmentry.warehouse.door import Warehouse

DRAWS = 100
LAW_PEERS = {"BG/NBD": "bg_nbd", "MBG/NBD": "mbg_nbd", "Pareto/NBD": "pareto_nbd"}
AGGREGATE_GOAL, SHARE_GOAL = 0.15, 0.9


def report() -> list[str]:
    """The tables, as lines."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for part in dict.fromkeys(split.part for split in SPLITS):
            splits = [split for split in SPLITS if split.part == part]
            home = Home.at(Path(folder) / part)
            landing = write_landing(read_purchases(part), Path(folder) / f"{part}_landing")
            lines += report_on(build_mart(home, "standard", landing, _dates(splits), END), splits)
    return lines


def _dates(splits: list[Split]) -> set[date]:
    dates = {split.day for split in splits}
    for split in splits:
        dates |= set(needed_dates(split.day, split.targets().values(), START))
    return dates


def report_on(segmentry: SegmentryHome, splits: list[Split]) -> list[str]:
    """The tables of one home whose mart has the dates."""
    label_mart(segmentry, {n: t for split in splits for n, t in split.targets().items()}, END)
    lines: list[str] = []
    for split in splits:
        lines += [*_table(segmentry.warehouse, split), ""]
    return lines


def _table(warehouse: Warehouse, split: Split) -> list[str]:
    """Train as of the split's day; score its customers; compare with what they did."""
    wanted = split.targets()
    dates = [*needed_dates(split.day, wanted.values(), START), split.day]
    features = read_features(warehouse, dates, asked(wanted))
    labels = read_labels(warehouse, split.day, wanted, asked(wanted))
    started = time.monotonic()
    table = FeatureTable.from_frame(features)
    trained = train_targets(table, labels, wanted.values(), split.day, START)
    seconds = time.monotonic() - started
    now = features[pd.to_datetime(features["as_of_date"]).dt.date == split.day]
    asks = [t for t in wanted.values() if t.horizon_days == 7 * split.weeks]
    truth = {t.name.split("_")[0]: _outcomes(warehouse, split.day, t, now) for t in asks}
    said = {t.name.split("_")[0]: _scores(trained[t.name], now) for t in asks}
    peer = {t.name.split("_")[0]: _law(split, t, now) for t in asks}
    head = f"{split.title}: {len(now):,} customers at {split.day}, trained in {seconds:.1f} s"
    return [head, *_choices(trained, asks), *_compare(split, truth, said, peer)]


def _scores(trained: TrainedTarget, now: pd.DataFrame) -> Floats:
    if trained.model is None:
        raise RuntimeError(f"{trained.target.name}: {trained.reason}")
    return trained.model.score(trained.model.matrix(now))


def _outcomes(warehouse: Warehouse, day: date, target: Target, now: pd.DataFrame) -> Floats:
    frame = warehouse.read(
        "select customer_id, label from models.labels where target = ? and as_of_date = ?",
        [target.name, day],
    )
    return frame.set_index("customer_id")["label"].reindex(now["customer_id"]).to_numpy(float)


def _law(split: Split, target: Target, now: pd.DataFrame) -> Floats:
    """The yardstick peer, fitted again on the same day: its figures give paired errors."""
    table = FeatureTable.from_frame(now)
    inputs = Inputs.find(table.features)
    if inputs is None:
        raise RuntimeError("the mart lacks the columns of buy-till-you-die models")
    law = BuyTillYouDie(LAW_PEERS[split.yardstick], target.kind, target.horizon_days, inputs)
    law.fit_histories(table.x)
    if target.is_probability:
        return 1.0 - 1.0 / (1.0 + np.exp(-law.margin(table.x)))
    return law.margin(table.x)


def _choices(trained: Mapping[str, TrainedTarget], asks: list[Target]) -> list[str]:
    lines = []
    for target in asks:
        model = trained[target.name].model
        parameters = model.parameters if model else {}
        weights = parameters.get("weights", {})
        told = ", ".join(f"{name} {weight:.2f}" for name, weight in weights.items() if weight)
        by = parameters.get("stretched_candidate", parameters.get("candidate"))
        lines.append(f"  {target.name}: {by}{f' ({told})' if told else ''}")
        lines.append(f"    {trained[target.name].reason}")
        source = trained.get(str(parameters.get("stretched_from")))
        if source is not None:
            lines.append(f"    {source.target.name}: {source.reason}")
    return lines


Figures = dict[str, float]
Metric = Callable[[Mapping[str, Floats], Mapping[str, Floats]], float]
METRICS: dict[str, Metric] = {
    "mae orders": lambda y, s: float(LOSSES["mae"](y["orders"], s["orders"]).mean()),
    "rmse orders": lambda y, s: float(LOSSES["rmse"](y["orders"], s["orders"]).mean()) ** 0.5,
    "aggregate": lambda y, s: aggregate_error(y["orders"], s["orders"]),
    "ngini": lambda y, s: ngini(y["spend"], s["spend"]),
    "top decile": lambda y, s: top_decile_share(y["spend"], s["spend"]),
    "auc": lambda y, s: auc(y["churn"], s["churn"]),
    "pr_auc": lambda y, s: pr_auc(y["churn"], s["churn"]),
    "brier": lambda y, s: float(brier_losses(y["churn"], s["churn"]).mean()),
}


def _compare(
    split: Split,
    truth: Mapping[str, Floats],
    said: Mapping[str, Floats],
    peer: Mapping[str, Floats],
) -> list[str]:
    """Published rows, the yardstick again, ours with errors paired to it, and the verdicts."""
    names = AMOUNTS if split.is_value else CHANCES
    ours = {name: METRICS[name](truth, said) for name in names}
    again = {name: METRICS[name](truth, peer) for name in names}
    errors = _paired_errors(names, truth, said, peer)
    lines = ["  " + " " * 30 + "".join(f"{name:>18}" for name in names)]
    rows = [*split.peers.items(), (f"{split.yardstick}, fitted again", again), ("ours", ours)]
    for who, figures in rows:
        cells = "".join(f"{number(figures.get(name)):>18}" for name in names)
        lines.append(f"  {who:30}{cells}")
    cells = "".join(f"{f'±{errors[name]:.4f}':>18}" for name in names)
    lines.append(f"  {'paired standard error':30}{cells}")
    return lines + _verdicts(split, ours, errors)


def _paired_errors(
    names: tuple[str, ...],
    truth: Mapping[str, Floats],
    said: Mapping[str, Floats],
    peer: Mapping[str, Floats],
) -> Figures:
    """Standard errors of ours minus the yardstick's, by resampling customers."""
    rng = np.random.default_rng(0)
    count = len(next(iter(truth.values())))
    drawn: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(DRAWS):
        rows = rng.integers(0, count, count)
        some = [{what: v[rows] for what, v in part.items()} for part in (truth, said, peer)]
        for name in names:
            drawn[name].append(METRICS[name](some[0], some[1]) - METRICS[name](some[0], some[2]))
    return {name: float(np.std(values, ddof=1)) for name, values in drawn.items()}


def _verdicts(split: Split, ours: Figures, errors: Figures) -> list[str]:
    lines = []
    for name, value in ours.items():
        if name == "aggregate":
            word = "within" if abs(value) <= AGGREGATE_GOAL else "NOT within"
            lines.append(f"  aggregate error {value:+.1%}: {word} {AGGREGATE_GOAL:.0%}")
            continue
        sign = 1.0 if name in LOWER_IS_BETTER or "orders" in name else -1.0
        peers = {who: row[name] for who, row in split.peers.items() if name in row}
        best = min(peers, key=lambda who: sign * peers[who])
        worse = sign * (value - peers[best])
        word = "within" if worse <= errors[name] else "NOT within"
        told = f"worse by {worse / errors[name]:.1f} of it" if worse > 0.0 else "as good or better"
        lines.append(f"  {name}: {word} one paired standard error of {best} ({told})")
    if split.way is not None:
        name, rule, ceiling = split.way
        share = (ours[name] - rule) / (ceiling - rule)
        word = "reached" if share >= SHARE_GOAL else "NOT reached"
        lines.append(
            f"  {name}: {share:.0%} of the way from the best rule {rule} to the ceiling {ceiling}; "
            f"{SHARE_GOAL:.0%} {word}"
        )
    return lines

"""Our exams on Complete Journey at the dates of published tables, held as training holds them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np

from benchmarks.quality.comparison import LOWER_IS_BETTER, Figure, Figures, Peers, best_peer, number
from benchmarks.quality.plain_models import plain_scores
from data_contracts.compiler.to_labels import labels_sql
from data_contracts.definitions.target import Kind, Target
from ml.frames import FeatureTable, Floats, History
from ml.metrics import best_candidate, evaluate, standard_errors
from ml.origins import Fold, Test, mature_origins, plan_training
from ml.targets.candidates import CONSTANT
from ml.targets.choice import choose
from ml.targets.exam import Exam, evaluate_at
from ml.targets.informative import keep_informative
from ml.targets.shared_btyd import FittedBtyd
from segmentry.project.vocabulary import targets

# The demo's D: its plan tests every target at 2017-09-30 (T = 272), 13 weeks before.
AS_OF = date(2017, 12, 30)
SEED = 0
DRAWS = 100


@dataclass(frozen=True)
class Held:
    """An exam, the candidate chosen before it, when it was chosen, and what both took.

    plain: the peers' recipes, fitted again -> their scores (n,).
    """

    target: Target
    exam: Exam
    plain: dict[str, Floats]
    chosen: str
    chosen_at: date
    seconds: float

    def figures(self) -> Figures:
        """Metric -> ours, with the best rule in that very metric."""
        kind, y = self.target.kind, self.exam.y
        values = {name: evaluate(kind, y, score) for name, score in self.exam.scores.items()}
        errors = standard_errors(kind, y, self.exam.scores[self.chosen], SEED)
        found = {}
        for metric, value in values[self.chosen].items():
            rules = {rule: values[rule][metric] for rule in self.exam.rules}
            best = best_candidate(metric, rules)
            rule = rules[best] if best else None
            found[metric] = Figure(self.chosen, value, errors.get(metric), rule, len(y))
        return found

    def scores(self, name: str) -> Floats:
        """What a candidate, or a recipe of the peers, said."""
        return self.plain[name] if name in self.plain else self.exam.scores[name]

    def value(self, name: str, metric: str) -> float:
        """The figure of a candidate, or of a recipe of the peers."""
        return evaluate(self.target.kind, self.exam.y, self.scores(name))[metric]


def demo_test(target: Target, first: date) -> Test:
    """The test of the demo's own plan at T = 272."""
    return plan_training(target, AS_OF, first).tests[-1]


def tests_of(warehouse: duckdb.DuckDBPyConnection, target: Target, first: date) -> list[Test]:
    """Tests four weeks apart for which the mart of the home has every date, oldest first."""
    rows = warehouse.execute(
        "select distinct as_of_date from features.customer_features"
    ).fetchall()
    known = {day for (day,) in rows}
    day, found = AS_OF - timedelta(days=target.horizon_days), []
    while day > first:
        earlier = day - timedelta(days=target.horizon_days)
        exams = [
            Fold(origin, tuple(o for o in _fitted(target, origin, first) if o in known))
            for origin in (day, earlier)
            if origin in known
        ]
        if len(exams) == 2 and all(exam.fit_origins for exam in exams):
            found.append(Test(exams[0], exams[1]))
        day -= timedelta(days=28)
    return found[::-1]


def _fitted(target: Target, origin: date, first: date) -> tuple[date, ...]:
    return mature_origins(origin, target.horizon_days, first)


def first_order(warehouse: duckdb.DuckDBPyConnection) -> date:
    """The day from which the shop's orders are known."""
    row = warehouse.execute("select min(order_date) from core.fct_orders").fetchone()
    assert row is not None
    found: date = row[0]
    return found


def hold(warehouse: duckdb.DuckDBPyConnection, target: Target, test: Test) -> Held:
    """Choose at the validation origin and judge at the test, on the mart of the home.

    Raises ValueError where the home's mart lacks the dates.
    """
    assert test.validation is not None
    dates = sorted({d for e in (test.test, test.validation) for d in (e.origin, *e.fit_origins)})
    features = warehouse.execute(
        "select * from features.customer_features where list_contains(?, as_of_date) "
        "order by as_of_date, customer_id",
        [dates],
    ).df()
    listed = ", ".join(f"date '{day}'" for day in dates)
    labels = warehouse.execute(
        labels_sql(
            [target],
            f"(select unnest([{listed}]) as as_of_date)",
            "features.customer_features",
            f"(date '{AS_OF}')",
        )
    ).df()
    began = time.monotonic()
    history = History(keep_informative(FeatureTable.from_frame(features)).table, labels, target)
    btyd = FittedBtyd(history.table)
    validation = evaluate_at(target, history, btyd, test.validation, None, SEED)
    exam = evaluate_at(target, history, btyd, test.test, validation, SEED)
    if exam is None or validation is None:
        raise ValueError(f"the mart has no rows of {target.name} at {dates[0]} to {dates[-1]}")
    chosen = choose(target, validation).candidate or CONSTANT
    seconds = time.monotonic() - began
    rows, judged = history.rows(test.test.fit_origins), history.rows([exam.origin])
    plain = plain_scores(target.kind, rows, judged, exam.scores)
    return Held(target, exam, plain, chosen, validation.origin, seconds)


def target_named(name: str) -> Target:
    """A target of the project."""
    return targets()[name]


def paired_error(kind: Kind, metric: str, y: Floats, one: Floats, other: Floats) -> float:
    """Standard error of the difference of a metric, over resamples of the customers."""
    random = np.random.default_rng(SEED)
    draws = []
    for _ in range(DRAWS):
        rows = random.integers(0, len(y), len(y))
        pair = [evaluate(kind, y[rows], score[rows])[metric] for score in (one, other)]
        draws.append(pair[0] - pair[1])
    return float(np.std(draws, ddof=1))


def paired_line(held: Held, metric: str, peers: Peers, again_of: dict[str, str]) -> str:
    """Ours against the best peer, published and fitted again, in errors of the paired difference.

    again_of: peer -> the candidate or recipe that is its like on our mart.
    """
    name, best = best_peer(peers, metric)
    again = again_of[name]
    pair = held.scores(held.chosen), held.scores(again)
    error = paired_error(held.target.kind, metric, held.exam.y, *pair)
    value = held.value(held.chosen, metric)
    told = [
        f"{number(figure)} of {whose}: {_verdict(metric, value, figure, error)}"
        for figure, whose in ((best, name), (held.value(again, metric), f"{again} on our mart"))
    ]
    return f"  {metric}: {number(value)}, paired standard error {number(error)}; {'; '.join(told)}"


def _verdict(metric: str, value: float, peer: float, error: float) -> str:
    worse = value - peer if metric in LOWER_IS_BETTER else peer - value
    if worse <= 0.0:
        return "as good or better"
    word = "within" if worse <= error else "NOT within"
    return f"{word} (worse by {worse / error:.2f} of it)"


def ceiling_line(held: Held, metric: str, rule: float, ceiling: float) -> str:
    """How much of the way from the peers' best rule to the in-window ceiling ours goes."""
    share = (held.value(held.chosen, metric) - rule) / (ceiling - rule)
    word = "reaches" if share >= 0.9 else "does NOT reach"
    return (
        f"  {metric}: {share:.0%} of the way from the best rule {number(rule)} to the ceiling "
        f"{number(ceiling)}; {word} 90 %"
    )

"""An order in a department, or in a category, within 28 days, on Complete Journey at 2017-09-30.

One row per customer and category. What a customer did in the category stands in the columns that
rules and models know from the whole history (recency_days, orders_91d_count, ...), and the customer
as a whole in columns of their own, so that the procedure is the one of every other target. Which
departments and categories the peers took is not told: with the largest by spend, all orders so far
rank as their rule does (.8405 here, .840 there; .681 and .685 of those not bought lately). Their
models' figures are another matter: of these pairs not even a model that learns within the test
window itself reaches them, so that their recipes are fitted again on the same rows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.comparison import Figure, demo_warehouse, verdict
from benchmarks.quality.plain_models import plain_scores, plain_trees
from data_contracts.definitions.target import Target
from ml.estimators.btyd.models import INPUTS
from ml.frames import FeatureTable, Floats, History, Rows, hash_customers
from ml.metrics import auc
from ml.origins import Fold
from ml.targets.candidates import CONSTANT
from ml.targets.choice import choose
from ml.targets.exam import Exam, evaluate_at
from ml.targets.informative import keep_informative
from ml.targets.shared_btyd import FittedBtyd

TEST = date(2017, 9, 30)
STEP = timedelta(days=28)
TARGET = Target("bought_28d", "Will they buy it?", "probability", 28, "order_count > 0", "brier")
WINDOWS = (7, 28, 56, 91, 182, 364)
# Pairs are many: three dates teach as much as six.
FITTED_DATES = 3
SEED = 0
DRAWS = 50
FOLDS = 5


@dataclass(frozen=True)
class Task:
    """A line of the peers. only_unbought: of pairs without an order in the category for 91 days."""

    title: str
    column: str
    leading: int
    peers: dict[str, float]
    only_unbought: bool = False


DEPARTMENTS = Task(
    "order in a department within 28 days, the 12 largest by spend",
    "r.department",
    12,
    {"rule": 0.879, "logistic": 0.8926, "LightGBM": 0.894},
)
CATEGORIES = Task(
    "order in a category within 28 days, the 40 largest by spend",
    "p.category",
    40,
    {"rule": 0.840, "logistic": 0.8695, "LightGBM": 0.8706},
)
NOT_LATELY = Task(
    "the same, categories not bought for 91 days",
    "p.category",
    40,
    {"rule": 0.685, "logistic": 0.780, "LightGBM": 0.783},
    only_unbought=True,
)

DAYS = """
    create or replace temp table days as
    select i.customer_id, {column} as kind, o.order_date as day,
        sum(l.line_amount)::double as amount, count(distinct l.order_id) as orders
    from core.fct_order_lines as l
    join core.fct_orders as o using (order_id)
    join core.dim_products as p using (product_id)
    join raw.complete_journey__products as r on p.product_id = 'complete_journey:' || r.product_id
    join identity.customer_identities as i on i.identity_id = l.identity_id
    where not l.is_return and {column} is not null
    group by all
"""
KINDS = """
    create or replace temp table kinds as
    select kind from days where day < $test
    group by kind order by sum(amount) desc, kind limit $leading
"""
ROWS = """
    with dates as (select unnest($dates::date[]) as as_of_date),
    own as (
        select d.customer_id, d.kind, a.as_of_date,
            min(a.as_of_date - d.day) as recency_days, max(a.as_of_date - d.day) as tenure_days,
            sum(d.orders) as order_count, sum(d.amount) as spend_amount, {windows}
        from days as d semi join kinds using (kind) join dates as a on d.day < a.as_of_date
        group by all
    ),
    bought as (
        select distinct d.customer_id, d.kind, a.as_of_date
        from days as d join dates as a on d.day >= a.as_of_date and d.day < a.as_of_date + 28
    ),
    popular as (
        select kind, as_of_date, sum(orders_28d_count) as kind_orders_28d_count,
            sum(orders_91d_count) as kind_orders_91d_count, count(*) as kind_customers_count,
            count(*) filter (where recency_days <= 28) as kind_buyers_28d_count,
            sum(spend_91d_amount) as kind_spend_91d_amount
        from own group by all
    )
    select f.customer_id || '/' || k.kind as customer_id, f.as_of_date,
        (bought.kind is not null)::double as label,
        own.recency_days, own.tenure_days,
        coalesce(columns(
            own.* exclude (customer_id, kind, as_of_date, recency_days, tenure_days)
        ), 0),
        popular.* exclude (kind, as_of_date),
        own.order_count / f.order_count as order_share_rate,
        own.orders_91d_count / nullif(f.orders_91d_count, 0) as order_share_91d_rate,
        own.recency_days * (own.order_count - 1)
            / nullif(own.tenure_days - own.recency_days, 0) as recency_over_gap_ratio,
        {customer}
    from features.customer_features as f
    cross join kinds as k
    left join own on own.customer_id = f.customer_id and own.kind = k.kind
        and own.as_of_date = f.as_of_date
    left join popular on popular.kind = k.kind and popular.as_of_date = f.as_of_date
    left join bought on bought.customer_id = f.customer_id and bought.kind = k.kind
        and bought.as_of_date = f.as_of_date
    where f.order_count > 0 and list_contains($dates::date[], f.as_of_date)
    order by f.as_of_date, f.customer_id, k.kind
"""


def read_rows(warehouse: duckdb.DuckDBPyConnection, task: Task, dates: list[date]) -> pd.DataFrame:
    """One row per date, customer with an order, and leading kind."""
    warehouse.execute(DAYS.format(column=task.column))
    warehouse.execute(KINDS, {"test": TEST, "leading": task.leading})
    windows = ", ".join(
        f"sum(case when a.as_of_date - d.day <= {days} then {what} else 0 end)"
        f" as {name}_{days}d_{unit}"
        for days in WINDOWS
        for name, what, unit in (("orders", "d.orders", "count"), ("spend", "d.amount", "amount"))
    )
    customer = ", ".join(f"f.{name}::float as customer_{name}" for name in _told(warehouse))
    query = ROWS.format(windows=windows, customer=customer)
    return warehouse.execute(query, {"dates": dates}).df()


def _told(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """The features that vary among the customers of this shop."""
    columns = warehouse.execute("describe features.customer_features").fetchall()
    numbers = ("DOUBLE", "BIGINT", "BOOLEAN", "DECIMAL(18,4)")
    names = [column[0] for column in columns if column[1] in numbers]
    varies = ", ".join(f"min({name}) < max({name})" for name in names)
    found = warehouse.execute(
        f"select {varies} from features.customer_features where as_of_date = ?", [TEST]
    ).fetchone()
    assert found is not None
    return [name for name, told in zip(names, found, strict=True) if told]


@dataclass(frozen=True)
class Sitting:
    """The exam that chooses, the one at the newest date, and what the peers' recipes say there.

    ceiling: scores (n,) of plain LightGBM that learned within the test window, out of fold over
    customers, which nobody can deploy.
    """

    validation: Exam
    exam: Exam
    plain: dict[str, Floats]
    ceiling: Floats


def sit(frame: pd.DataFrame, dates: list[date]) -> Sitting:
    """Choose at the second newest date, judge at the newest."""
    labels = frame[["customer_id", "as_of_date", "label"]].assign(target=TARGET.name)
    frame = frame.drop(columns="label")
    history = History(
        keep_informative(FeatureTable.from_frame(frame), INPUTS).table, labels, TARGET
    )
    btyd = FittedBtyd(history.table)
    held: Exam | None = None
    found = []
    for place in (1, 0):
        plan = Fold(dates[place], tuple(dates[place + 1 : place + 1 + FITTED_DATES]))
        held = evaluate_at(TARGET, history, btyd, plan, held, SEED)
        if held is None:
            raise ValueError(f"nothing to learn at {dates[place]}")
        found.append(held)
    rows, judged = history.rows(plan.fit_origins), history.rows([plan.origin])
    plain = plain_scores(TARGET.kind, rows, judged, {})
    return Sitting(found[0], found[1], plain, _within_window(judged))


def _within_window(judged: Rows) -> Floats:
    fold = hash_customers(_customers(judged.customer_ids)) % FOLDS
    scores = np.empty(len(judged))
    for left_out in range(FOLDS):
        rows, own = judged.take(np.flatnonzero(fold != left_out)), fold == left_out
        scores[own] = plain_trees(TARGET.kind, rows.x, rows.y, judged.x[own])
    return scores


def _customers(pairs: NDArray[np.object_]) -> NDArray[np.object_]:
    """The customers of pairs named customer/kind."""
    return np.asarray([pair.split("/")[0] for pair in pairs], dtype=object)


def clustered_error(y: Floats, one: Floats, other: Floats, customers: NDArray[np.object_]) -> float:
    """Standard error of the difference of two AUCs, over customers with all their rows."""
    random = np.random.default_rng(SEED)
    _, codes = np.unique(customers, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(codes.max() + 2))
    draws = []
    for _ in range(DRAWS):
        drawn = random.integers(0, len(starts) - 1, len(starts) - 1)
        rows = np.concatenate([order[starts[c] : starts[c + 1]] for c in drawn])
        draws.append(auc(y[rows], one[rows]) - auc(y[rows], other[rows]))
    return float(np.std(draws, ddof=1))


def lines_of(
    task: Task, sitting: Sitting, chosen: str, asked: NDArray[np.bool_], now: pd.DataFrame
) -> list[str]:
    """Ours beside the peers, published and fitted again, over all pairs together."""
    exam = sitting.exam
    y, score = exam.y[asked], exam.scores[chosen][asked]
    rules = {name: auc(y, exam.scores[name][asked]) for name in exam.rules}
    rules["orders so far"] = auc(y, now["order_count"].to_numpy(dtype=np.float64)[asked])
    who = _customers(now["customer_id"].to_numpy(dtype=object))[asked]
    rule = max(rules, key=rules.__getitem__)
    again = {name: auc(y, said[asked]) for name, said in sitting.plain.items()}
    best = max(again, key=again.__getitem__)
    ours = auc(y, score)
    error = clustered_error(y, score, sitting.plain[best][asked], who)
    own = Figure(chosen, ours, error, rules[rule], len(y))
    peers = max(task.peers.values())
    told = [
        f"{figure:.4f} of {whose}: {verdict(own, 'auc', figure)}"
        for figure, whose in ((peers, "the best peer"), (again[best], f"{best} on our rows"))
    ]
    return [
        f"{task.title} at {TEST}: {len(y):,} pairs, {y.mean():.3f} bought",
        f"  peers: {_listed(task.peers)}; fitted again: {_listed(again)}; learned within the test "
        f"window: {auc(y, sitting.ceiling[asked]):.4f}",
        f"  ours: rule {rules[rule]:.4f} ({rule}), {chosen} {ours:.4f}",
        f"  auc, paired standard error {error:.4f}: {'; '.join(told)}",
    ]


def _listed(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in figures.items())


def report() -> list[str]:
    """Departments, categories, and categories not bought lately; one model for all pairs."""
    warehouse = demo_warehouse()
    if warehouse is None:
        return ["no warehouse; run the demo first"]
    dates = [TEST - STEP * place for place in range(FITTED_DATES + 2)]
    lines: list[str] = []
    for tasks in ((DEPARTMENTS,), (CATEGORIES, NOT_LATELY)):
        frame = read_rows(warehouse, tasks[0], dates)
        began = time.monotonic()
        sitting = sit(frame, dates)
        chosen = choose(TARGET, sitting.validation).candidate or CONSTANT
        seconds = time.monotonic() - began
        now = frame[frame["as_of_date"] == pd.Timestamp(TEST)]
        unbought = now["orders_91d_count"].to_numpy() == 0
        for task in tasks:
            asked = unbought if task.only_unbought else np.ones(len(now), dtype=bool)
            lines += lines_of(task, sitting, chosen, asked, now)
        lines += [f"  chosen at {dates[1]}; {seconds:.0f} s for the exams, the peers' too", ""]
    warehouse.close()
    return lines

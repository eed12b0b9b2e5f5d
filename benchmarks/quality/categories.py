"""Who buys of a leading category within 28 days, on Complete Journey: the product's own model.

The exams are those that training held; beside the chosen candidate stand how often a customer had
bought of the category so far, the best of all simple rules, and the peers' recipes fitted again on
the same pairs. What peers publish is of other categories and cannot be set beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.comparison import Figure, demo_warehouse, verdict
from benchmarks.quality.plain_models import plain_scores
from ml.frames import Floats
from ml.metrics import auc
from ml.origins import mature_origins
from ml.targets.candidates import CONSTANT
from ml.targets.exam import Exam
from ml.targets.training import MAX_PAIRS, TrainingInputs
from segmentry.models.targets.pairs import BETWEEN, PairData, read_pair_data
from segmentry.project.vocabulary import pooled_targets
from segmentry.warehouse.door import Connected
from segmentry.warehouse.facts import first_order_date, newest_date

TARGET = "category_28d"
COUNT = "rule_category_order_days_count"
SEED = 0
DRAWS = 50


def clustered_error(y: Floats, one: Floats, other: Floats, customers: NDArray[np.object_]) -> float:
    """Standard error of the difference of two AUCs, over customers with all their rows."""
    random = np.random.default_rng(SEED)
    _, codes = np.unique(customers.astype(str), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(codes.max() + 2))
    draws = []
    for _ in range(DRAWS):
        drawn = random.integers(0, len(starts) - 1, len(starts) - 1)
        rows = np.concatenate([order[starts[c] : starts[c + 1]] for c in drawn])
        draws.append(auc(y[rows], one[rows]) - auc(y[rows], other[rows]))
    return float(np.std(draws, ddof=1))


def lines_of(
    pairs: PairData, exam: Exam, chosen: str, names: NDArray[np.object_], plain: dict[str, Floats]
) -> list[str]:
    """One exam: all pairs together, then each category beside the count so far."""
    y, score = exam.y, exam.scores[chosen]
    values = np.asarray([name.split(BETWEEN, 1)[1] for name in names], dtype=object)
    rules = {rule: auc(y, exam.scores[rule]) for rule in exam.rules}
    again = {recipe: auc(y, said) for recipe, said in plain.items()}
    best = max(again, key=again.__getitem__)
    who = np.asarray([name.split(BETWEEN, 1)[0] for name in names], dtype=object)
    error = clustered_error(y, score, plain[best], who)
    own = Figure(chosen, auc(y, score), error, max(rules.values()), len(y))
    lines = [
        f"category_28d at {exam.origin}: {len(y):,} pairs, {y.mean():.3f} bought",
        f"  ours: {chosen} {own.value:.4f}; best rule {own.rule:.4f} "
        f"({max(rules, key=rules.__getitem__)}); fitted again: "
        + ", ".join(f"{recipe} {value:.4f}" for recipe, value in again.items()),
        f"  auc, paired standard error {error:.4f}: {again[best]:.4f} of {best} on our pairs: "
        f"{verdict(own, 'auc', again[best])}",
        f"  {'category':34}{'bought':>8}{'told':>8}{'ours':>8}{'count':>8}",
    ]
    for value in pairs.copies:
        mine = values == value
        figures = y[mine].mean(), score[mine].mean(), auc(y[mine], score[mine])
        count = auc(y[mine], exam.scores[COUNT][mine])
        lines.append(f"  {value:34}" + "".join(f"{f:8.3f}" for f in (*figures, count)))
    return [*lines, ""]


def report() -> list[str]:
    """Every test of the pooled model as of the newest date of the home."""
    warehouse = demo_warehouse()
    if warehouse is None:
        return ["no warehouse; run the demo first"]
    reader = Connected(warehouse)
    day, first = newest_date(reader), first_order_date(reader)
    pairs = read_pair_data(reader, pooled_targets()[TARGET], day, first)
    if pairs is None:
        return ["no category leads"]
    inputs = TrainingInputs.of(pairs.features, pairs.labels, day, first, SEED, MAX_PAIRS)
    backtest, history = inputs.train(pairs.target).backtest, inputs.history(pairs.target)
    lines: list[str] = []
    for origin, chosen in backtest.choices.items():
        exam = backtest.exams[origin]
        if exam is None:
            continue
        rows = history.rows(mature_origins(origin, pairs.target.horizon_days, first))
        judged = history.rows([origin])
        plain = plain_scores(pairs.target.kind, rows, judged, {})
        lines += lines_of(pairs, exam, chosen or CONSTANT, judged.customer_ids, plain)
    warehouse.close()
    return lines

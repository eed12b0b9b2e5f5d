"""Whether newly trained rankers of next products replace those in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from data_contracts.wording.dates import day_words
from ml.metrics import SURE
from ml.next_products.model import AffinityModel, NamedLevel, TrainedAffinity, day_number
from ml.next_products.pairs import Kind
from ml.next_products.rankers import Exam, describe_origin, evaluate_ranker
from ml.next_products.ranking_metrics import TOP
from ml.promotion import Promotion, decide_on_gain, first_version, without_rival


def decide_affinity_promotion(
    trained: TrainedAffinity, champion: AffinityModel | None, levels: Mapping[str, NamedLevel]
) -> Promotion:
    """Take the challenger, which is fresher, unless it surely ranks worse.

    Both rank at the newest day whose window has passed. The challenger speaks as it was fitted
    before that window. The champion speaks as it stands when it was trained by that day; one
    trained later knows part of the outcome, so that what it would choose is taken from the
    challenger's own exam. Gains of a customer's lists, again and new, of products and of
    categories, count alike.
    """
    if champion is None:
        chosen = "each list is ranked by what was chosen on one window and tested on a later one"
        return first_version("model of next products", chosen)
    total, lists = np.zeros((2, max(level.bought.customer_count for level, _ in levels.values())))
    day = 0
    for name, choice in trained.choices.items():
        old = _champion_ndcg(champion, name, levels[name], choice.exams)
        for kind, values in old.items():
            exam = choice.exams[kind]
            total[exam.customer] += exam.ndcg[choice.rankers[kind].candidate] - values
            lists[exam.customer] += 1
            day = exam.day
    compared = lists > 0
    if not compared.any():
        return without_rival("no window can tell it from the former model, which is older")
    gains = total[compared] / lists[compared]
    gain, error = float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))
    start = day_words(date(1970, 1, 1) + timedelta(days=day))
    interval = gain - SURE * error, gain + SURE * error
    return decide_on_gain(f"NDCG at {TOP} from {start} on", gain, interval)


def _champion_ndcg(
    champion: AffinityModel, name: str, named: NamedLevel, exams: Mapping[Kind, Exam]
) -> dict[Kind, NDArray[np.float64]]:
    """NDCG of the champion's lists on the challenger's exams, by kind."""
    if not exams:
        return {}
    old, (level, names) = champion.levels[name], named
    day = next(iter(exams.values())).day
    if day_number(champion.trained_as_of) > day:
        return {kind: exam.ndcg[old.rankers[kind].candidate] for kind, exam in exams.items()}
    origins = describe_origin(level, old.knowledge(level, names, day))
    return {kind: evaluate_ranker(old.rankers[kind], origins[kind])[1] for kind in exams}

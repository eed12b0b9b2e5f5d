"""A version of next products: stored and read back, applied to later days, promoted or kept out."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.next_products.model import AffinityModel, TrainedAffinity, day_number, train_affinity
from ml.next_products.pairs import make_pairs
from ml.next_products.promotion import decide_affinity_promotion
from ml.next_products.rankers import Choice, Exam, recommend
from segmentry.artefacts import ArtefactError, load_affinity_model, load_target_model, save_model
from tests.ml.next_products.test_rankers import DAY, history, level_of, nothing, shop, unlaunched

TRAINED = date.fromordinal(date(1970, 1, 1).toordinal() + DAY)
NAMES = [f"item {code:02}" for code in range(30)]


@pytest.fixture(scope="module")
def levels():
    return {"product": (level_of(shop()), NAMES)}


@pytest.fixture(scope="module")
def trained(levels) -> TrainedAffinity:
    return train_affinity(levels, TRAINED)


@pytest.fixture
def stored(trained, tmp_path):
    return save_model(trained.model, tmp_path / "model")


def ranks(model: AffinityModel, level, names, day=DAY) -> pd.DataFrame:
    """Ranks by the names of items."""
    part = model.levels["product"]
    found = recommend(part.rankers, part.knowledge(level, names, day), level)
    return found.assign(item=[names[item] for item in found["item"]])


def test_a_version_read_back_gives_the_same_ranks_and_the_same_digest(levels, trained, stored):
    level, names = levels["product"]
    loaded = load_affinity_model(stored.path, stored.digest)
    pd.testing.assert_frame_equal(ranks(loaded, level, names), ranks(trained.model, level, names))
    assert save_model(loaded, stored.path.parent / "again").digest == stored.digest
    assert loaded.data_digest == trained.model.data_digest


def test_a_version_knows_items_by_name_whatever_their_codes(levels, trained):
    level, names = levels["product"]
    bought = level.bought
    rows = np.stack([bought.customer, 2 * bought.item + 1, bought.day], axis=1)
    spread = level_of(history(rows, 200, 60))
    both = [name for old in names for name in (f"{old[:-2]}unsold {old[-2:]}", old)]
    assert ranks(trained.model, spread, both).equals(ranks(trained.model, level, names))


def test_an_item_that_came_after_the_training_is_bought_again_and_counted_but_not_learned(
    levels, trained
):
    bought = levels["product"][0].bought
    rows = np.stack([bought.customer, bought.item, bought.day], axis=1).tolist()
    rows += [(customer, 30, DAY + 2) for customer in range(50)]
    later, names = level_of(history(rows, 200, 31), nothing(200, 31)), [*NAMES, "newcomer"]
    knowledge = trained.model.levels["product"].knowledge(later, names, DAY + 7)
    assert (knowledge.place[30], knowledge.buyers[30]) == (-1, 50)
    pairs = make_pairs(knowledge, later.bought, later.viewed)
    assert (pairs["repeat"].item == 30).sum() == 50
    assert not pairs["repeat"].feature("als")[pairs["repeat"].item == 30].any()
    assert 30 not in pairs["discover"].item


def test_an_item_that_is_gone_is_recommended_to_nobody(levels, trained):
    bought = levels["product"][0].bought
    left = bought.item < 29
    rows = np.stack([bought.customer[left], bought.item[left], bought.day[left]], axis=1)
    today = level_of(history(rows, 200, 29), launched=unlaunched(29))
    found = ranks(trained.model, today, NAMES[:29])
    assert set(found["item"]) <= set(NAMES[:29])
    assert found.groupby("kind")["customer"].nunique().gt(150).all()


def test_what_came_on_the_training_date_teaches_nothing(levels, trained):
    bought = levels["product"][0].bought
    rows = np.stack([bought.customer, bought.item, bought.day], axis=1).tolist()
    later = history([*rows, (0, 3, DAY), (5, 8, DAY + 4)], 200, 30)
    again = train_affinity({"product": (level_of(later), NAMES)}, TRAINED)
    assert again.model.data_digest == trained.model.data_digest
    level, names = levels["product"]
    assert ranks(again.model, level, names).equals(ranks(trained.model, level, names))


def test_any_truncated_or_changed_file_is_refused(stored):
    assert (stored.path / "arrays.npz").exists()
    for path in stored.path.iterdir():
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(ArtefactError, match=path.name):
            load_affinity_model(stored.path, stored.digest)
        path.write_bytes(whole)
    with pytest.raises(ArtefactError, match="recorded 000000"):
        load_affinity_model(stored.path, "0" * 64)


def resealed(stored, **changes) -> str:
    """Changed content of model.json under a digest of its own."""
    path = stored.path / "model.json"
    payload = json.dumps(json.loads(path.read_text()) | changes).encode()
    path.write_bytes(payload)
    return hashlib.sha256(payload).hexdigest()


def test_a_version_of_another_release_is_refused(stored):
    with pytest.raises(ArtefactError, match="this release reads"):
        load_affinity_model(stored.path, resealed(stored, format=0))


def test_rankers_of_other_features_are_refused(stored):
    content = json.loads((stored.path / "model.json").read_text())["content"]
    content["features"][0], content["features"][1] = content["features"][1::-1]
    with pytest.raises(ArtefactError, match="ranks by other features"):
        load_affinity_model(stored.path, resealed(stored, content=content))


def test_pickled_arrays_are_not_read_even_under_their_own_digest(stored):
    packed = io.BytesIO()
    np.savez(packed, np.array([{"a": 1}], dtype=object))
    (stored.path / "arrays.npz").write_bytes(packed.getvalue())
    digest = resealed(stored, arrays=hashlib.sha256(packed.getvalue()).hexdigest())
    with pytest.raises(ArtefactError, match="no plain arrays"):
        load_affinity_model(stored.path, digest)


def test_it_is_not_loaded_as_the_model_of_a_target(stored):
    with pytest.raises(ArtefactError, match="does not hold the model of a target"):
        load_target_model(stored.path, stored.digest)


def with_exam(trained: TrainedAffinity, ndcg: dict[str, float], spread: float) -> TrainedAffinity:
    """The challenger as if each candidate's NDCG had been this, give or take the spread."""
    noise = np.linspace(-spread, spread, 100)
    values = {name: value + noise * (name == "frequency") for name, value in ndcg.items()}
    exam = Exam(DAY - 28, np.arange(100), values)
    rankers = {
        "repeat": replace(trained.choices["product"].rankers["repeat"], candidate="frequency")
    }
    return replace(trained, choices={"product": Choice(rankers, pd.DataFrame(), {"repeat": exam})})


@pytest.mark.parametrize(
    ("mine", "promoted", "told"),
    [(0.40, True, "better by"), (0.20, False, "worse by"), (0.30, True, "as good")],
)
def test_a_challenger_that_ranks_worse_is_kept_out(trained, levels, mine, promoted, told):
    rankers = {
        "repeat": replace(trained.choices["product"].rankers["repeat"], candidate="popularity")
    }
    old = replace(trained.model.levels["product"], rankers=rankers)
    champion = replace(trained.model, levels={"product": old})
    challenger = with_exam(trained, {"frequency": mine, "popularity": 0.30}, 0.05)
    promotion = decide_affinity_promotion(challenger, champion, levels)
    assert promotion.is_promoted is promoted
    assert told in promotion.reason


def test_a_champion_of_an_earlier_date_is_judged_as_it_stands(levels, trained):
    earlier = date.fromordinal(TRAINED.toordinal() - 28)
    champion = train_affinity(levels, earlier).model
    assert day_number(champion.trained_as_of) == DAY - 28
    assert decide_affinity_promotion(trained, None, levels).reason.startswith("the first model")
    gains = champion_gains(trained, champion, levels)
    promotion = decide_affinity_promotion(trained, champion, levels)
    assert promotion.is_promoted == (gains.mean() > 0)
    assert f"{abs(gains.mean()):.3f}" in promotion.reason


def champion_gains(trained, champion, levels) -> np.ndarray:
    """Per customer how much higher the challenger's NDCG is, list by list and set by set."""
    level, names = levels["product"]
    day, part = DAY - 28, champion.levels["product"]
    before, after = level.bought.before(day), level.bought.between(day, DAY)
    found = recommend(part.rankers, part.knowledge(level, names, day), level_of(before))
    sums: dict[int, list[float]] = {}
    for kind, exam in trained.choices["product"].exams.items():
        mine = exam.ndcg[trained.choices["product"].rankers[kind].candidate]
        lists = found[found["kind"] == kind].sort_values("rank").groupby("customer")["item"]
        ranked = {customer: items.tolist() for customer, items in lists}
        for customer, ndcg in zip(exam.customer, mine, strict=True):
            owned = set(before.item[before.customer == customer])
            came = set(after.item[after.customer == customer])
            wanted = came & owned if kind == "repeat" else came - owned
            gained = [
                (item in wanted) / np.log2(2 + place)
                for place, item in enumerate(ranked.get(customer, []))
            ]
            best = sum(1 / np.log2(2 + place) for place in range(min(len(wanted), 10)))
            sums.setdefault(customer, []).append(ndcg - sum(gained) / best)
    return np.array([np.mean(values) for values in sums.values()])

"""Next products on small worlds that can be checked by hand, and against independent oracles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.next_products.histories import make_history, own_items, tifu_vectors
from ml.next_products.knowledge import learn
from ml.next_products.pairs import make_pairs
from ml.next_products.rankers import FALLBACK, Level, choose_rankers, recommend
from ml.next_products.ranking_metrics import rank_pairs, ranking_figures
from ml.next_products.visitors import recommend_visitors

DAY = 1000
MILK, BREAD, TEA, SALT = range(4)


def history(rows, customers, items=4):
    """History of (customer, item, day) rows."""
    customer, item, day = np.array(rows, dtype=int).reshape(-1, 3).T
    return make_history(customer, item, day, customers, items)


def nothing(customers, items=4):
    return history([], customers, items)


def unlaunched(items=4):
    return np.full(items, np.nan)


def level_of(bought, viewed=None, launched=None):
    viewed = nothing(bought.customer_count, bought.item_count) if viewed is None else viewed
    launched = unlaunched(bought.item_count) if launched is None else launched
    return Level(bought, viewed, launched)


def shop(customers=200, items=30, seed=3, days=300):
    """Customers with a few favourites, bought weekly or so; later ones of a similar taste."""
    random = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        taste = customer % 3
        favourites = random.choice(np.arange(taste * 10, taste * 10 + 10), 4, replace=False)
        for day in np.cumsum(random.integers(3, 14, 40)):
            if day < days:
                chosen = random.random(4) < (0.9, 0.6, 0.4, 0.2)
                rows += [(customer, item, DAY - days + day) for item in favourites[chosen]]
                rows.append((customer, random.integers(items), DAY - days + day))
    return history(rows, customers, items)


@pytest.fixture(scope="module")
def world():
    return shop()


@pytest.fixture(scope="module")
def rankers(world):
    return choose_rankers(level_of(world), DAY)


def plain_tifu(baskets, items, groups=7, within=0.9, between=0.7):
    """TIFU's own vector of one customer, basket by basket, as the paper tells it."""
    groups = min(groups, len(baskets))
    parts = [[] for _ in range(groups)]
    for place in range(len(baskets)):
        parts[place * groups // len(baskets)].append(place)
    total = np.zeros(items)
    for step, part in enumerate(reversed(parts)):
        vector = np.zeros(items)
        for back, place in enumerate(reversed(part)):
            for item in baskets[place]:
                vector[item] += within**back
        total += between**step * vector / len(part)
    return total / len(parts)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=20))
def test_tifu_vectors_are_those_of_a_plain_loop(baskets):
    rows = [(0, item, day) for day, basket in enumerate(baskets) for item in basket]
    found = tifu_vectors(history(rows, 1)).toarray()[0]
    np.testing.assert_allclose(found, plain_tifu(baskets, 4), rtol=1e-5)
    assert found.max() <= 1.0 + 1e-6


def test_too_few_buyers_teach_nothing_and_nobody_fails():
    rows = [(0, MILK, 990), (1, MILK, 990), (1, BREAD, 995), (2, TEA, 990), (3, MILK, 990)]
    bought = history(rows, 4)
    knowledge = learn(bought, DAY, unlaunched())
    own = knowledge.on_places(tifu_vectors(bought))
    assert knowledge.model.neighbours(own).shape == (4, 0)


def test_tifu_neighbours_are_those_of_a_plain_search(world):
    knowledge = learn(world, DAY, unlaunched(30))
    own = tifu_vectors(world)
    found = knowledge.model.neighbours(knowledge.on_places(own))
    vectors = own.toarray()
    for customer in (0, 57, 199):
        distance = ((vectors - vectors[customer]) ** 2).sum(axis=1)
        distance[customer] = np.inf
        nearest = np.argsort(distance, kind="stable")[:100]
        expected = vectors[nearest].mean(axis=0)[knowledge.learned]
        np.testing.assert_allclose(found[customer], expected, rtol=1e-3, atol=1e-5)


def test_item_likeness_is_bm25_of_common_buyers(world):
    knowledge = learn(world, DAY, unlaunched(30))
    counts = world.before(DAY).counts().toarray()
    counts = counts[:, knowledge.learned]
    rarity = np.log(counts.shape[1]) - np.log1p((counts > 0).sum(axis=1))
    lengths = counts.sum(axis=0)
    norm = 0.75 * lengths / lengths.mean() + 0.25
    weights = counts * 2.2 / (1.2 * norm + counts) * rarity[:, None]
    expected = weights.T @ weights
    found = knowledge.model.similar.toarray()
    there = found != 0
    np.testing.assert_allclose(found[there], expected[there], rtol=1e-3)


def test_repeat_pairs_say_what_the_customer_did():
    bought = history([(0, MILK, 900), (0, MILK, 950), (0, BREAD, 950), (0, TEA, 990)], 1)
    pairs = make_pairs(learn(bought, DAY, unlaunched()), bought, nothing(1))["repeat"]
    assert pairs.item.tolist() == [MILK, BREAD, TEA]
    assert pairs.feature("frequency").tolist() == [2, 1, 1]
    assert pairs.feature("days_since_item").tolist() == [50, 50, 10]
    assert pairs.feature("days_between_item")[0] == 50
    assert np.isnan(pairs.feature("days_between_item")[1])
    assert pairs.feature("baskets_since_item").tolist() == [1, 1, 0]
    assert pairs.feature("basket_count").tolist() == [3, 3, 3]
    halved = {days: 0.5 ** (days / 120) for days in (100, 50, 10)}
    expected = [halved[100] + halved[50], halved[50], halved[10]]
    np.testing.assert_allclose(pairs.feature("decayed_frequency"), expected, rtol=1e-6)


def test_what_is_not_launched_or_long_unsold_is_not_recommended():
    rows = [(c, item, 990) for c in range(6) for item in (MILK, TEA)]
    rows += [(c, BREAD, DAY - 200) for c in range(6)] + [(6, SALT, 990)]
    launched = np.array([np.nan, np.nan, DAY + 1, np.nan])
    bought = history(rows, 7)
    pairs = make_pairs(learn(bought, DAY, launched), bought, nothing(7))
    assert set(pairs["repeat"].item) == {MILK, SALT}
    assert set(pairs["discover"].item[pairs["discover"].customer == 6]) == {MILK}


def test_what_was_looked_at_can_be_discovered_although_nobody_bought_it():
    bought = history([(0, MILK, 990)], 1)
    viewed = history([(0, TEA, 995), (0, MILK, 996)], 1)
    pairs = make_pairs(learn(bought, DAY, unlaunched()), bought, viewed)
    assert pairs["discover"].item.tolist() == [TEA]
    assert pairs["discover"].feature("views")[0] == pytest.approx(0.5 ** (5 / 14))
    assert pairs["repeat"].feature("views")[0] == pytest.approx(0.5 ** (4 / 14))


def test_visitors_get_what_they_viewed_then_what_is_like_it_then_what_sells(world):
    knowledge = learn(world, DAY, unlaunched(30))
    viewed = history([(0, 4, 999), (0, 5, 999), (0, 5, 998)], 2, 30)
    found = recommend_visitors(knowledge, viewed)
    first = found[found["customer"] == 0]
    assert first["item"].tolist()[:2] == [5, 4]
    alike = knowledge.model.similar.toarray()[knowledge.place[[4, 5]]].sum(axis=0)
    assert alike[knowledge.place[first["item"].tolist()[2]]] > 0
    second = found[found["customer"] == 1]
    assert knowledge.buyers[second["item"]].tolist() == sorted(knowledge.buyers)[::-1][:10]
    assert found["score"].isna().all()
    assert second["rank"].tolist() == list(range(1, 11))


def test_recall_and_ndcg_by_hand():
    customer = np.array([0, 0, 0, 1, 1])
    item = np.array([0, 1, 2, 0, 1])
    rank = rank_pairs(customer, item, np.array([0.1, 0.9, 0.1, 0.5, 0.5]))
    assert rank.tolist() == [2, 1, 3, 1, 2]
    is_bought = np.array([True, False, False, True, True])
    recall, ndcg = ranking_figures(customer, rank, is_bought, np.array([2, 2, 0]))
    best = 1 + 1 / np.log2(3)
    np.testing.assert_allclose(recall, [0.5, 1.0])
    np.testing.assert_allclose(ndcg, [1 / np.log2(3) / best, 1.0])


def test_favourites_are_found_and_the_choice_is_told_at_a_later_date(rankers):
    chosen, figures = rankers.rankers, rankers.figures
    assert set(figures["split"]) == {"validation", "test"}
    assert figures.groupby("split")["day"].first().to_dict() == {
        "validation": DAY - 56,
        "test": DAY - 28,
    }
    assert figures[figures["is_chosen"]].groupby("kind")["reason"].count().gt(0).all()
    told = figures[(figures["kind"] == "repeat") & (figures["metric"] == "ndcg_10")]
    told = told[told["split"] == "test"].set_index("candidate")["value"]
    assert told[chosen["repeat"].candidate] > told["popularity"]


def test_what_comes_later_changes_nothing(world, rankers):
    later = [(0, 3, DAY), (1, 8, DAY + 5)]
    rows = np.stack([world.customer, world.item, world.day], axis=1).tolist() + later
    known = choose_rankers(level_of(history(rows, 200, 30)), DAY)
    assert known.figures.equals(rankers.figures)
    full, cut = history(rows, 200, 30), world
    mine = recommend(rankers.rankers, learn(cut, DAY, unlaunched(30)), level_of(cut))
    theirs = recommend(known.rankers, learn(full, DAY, unlaunched(30)), level_of(full))
    assert mine.equals(theirs)


def test_a_customer_alone_gets_what_it_gets_among_all(world, rankers):
    knowledge = learn(world, DAY, unlaunched(30))
    together = recommend(rankers.rankers, knowledge, level_of(world))
    for customer in (0, 111):
        rows = world.customer == customer
        alone = history(
            np.stack([world.customer[rows] * 0, world.item[rows], world.day[rows]], axis=1), 1, 30
        )
        mine = recommend(rankers.rankers, knowledge, level_of(alone)).drop(columns="customer")
        among = together[together["customer"] == customer].drop(columns="customer")
        assert mine["item"].tolist() == among["item"].tolist()
        np.testing.assert_allclose(mine["score"], among["score"], rtol=1e-6)


def test_the_order_of_rows_does_not_matter(world, rankers):
    order = np.random.default_rng(0).permutation(len(world.day))
    shuffled = make_history(world.customer[order], world.item[order], world.day[order], 200, 30)
    assert choose_rankers(level_of(shuffled), DAY).figures.equals(rankers.figures)


def test_ten_of_each_kind_at_most_and_no_item_twice(world, rankers):
    found = recommend(rankers.rankers, learn(world, DAY, unlaunched(30)), level_of(world))
    assert found["rank"].between(1, 10).all()
    assert not found.duplicated(["customer", "kind", "rank"]).any()
    assert not found.duplicated(["customer", "item"]).any()
    assert found["score"].between(0, 1).all()


def test_one_customer_is_too_few_to_choose_by_and_gets_its_own_items():
    bought = history([(0, MILK, 900), (0, MILK, 990), (0, TEA, 905)], 1)
    found = choose_rankers(level_of(bought), DAY)
    chosen = found.rankers
    assert {kind: ranker.candidate for kind, ranker in chosen.items()} == FALLBACK
    assert found.figures["reason"].str.contains("customers bought something").all()
    found = recommend(chosen, learn(bought, DAY, unlaunched()), level_of(bought))
    assert found["item"].tolist() == [MILK, TEA]
    assert found["score"].isna().all()


def test_nobody_and_nothing_give_no_rows():
    empty = nothing(0, 0)
    level = level_of(empty, nothing(0, 0), unlaunched(0))
    chosen = choose_rankers(level, DAY)
    assert len(chosen.figures) == 2
    assert recommend(chosen.rankers, learn(empty, DAY, unlaunched(0)), level).empty


def test_own_items_keep_first_and_last_in_time():
    bought = history([(0, MILK, 1), (0, MILK, 9), (1, MILK, 4), (0, TEA, 3)], 2)
    own = own_items(bought)
    assert list(zip(own.customer.tolist(), own.item.tolist(), strict=True)) == [
        (0, MILK),
        (0, TEA),
        (1, MILK),
    ]
    assert own.first(bought.day).tolist() == [1, 3, 4]
    assert own.last(bought.day).tolist() == [9, 3, 4]

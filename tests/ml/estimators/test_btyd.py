"""Buy-till-you-die models: published fits, and oracles that know nothing of our formulas."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta as beta_law
from scipy.stats import gamma as gamma_law

from benchmarks.cdnow import read_purchases
from ml.estimators.btyd import beta_geometric as btyd_bg
from ml.estimators.btyd import pareto as btyd_pareto
from ml.estimators.btyd.beta_geometric import BetaGeometric, beta_nodes
from ml.estimators.btyd.fit import BtydError, Histories
from ml.estimators.btyd.gamma_gamma import GammaGamma
from ml.estimators.btyd.models import BTYD_NAMES, INPUTS, BuyTillYouDie, Inputs
from ml.estimators.btyd.pareto import ParetoNbd
from ml.frames import FeatureTable
from ml.targets.shared_btyd import FittedBtyd
from tests.ml.shop import TRAINED_AS_OF, make_target

BG = BetaGeometric(0.6, 5.0, 0.8, 2.4, first_exit=False)
MBG = BetaGeometric(0.6, 5.0, 0.8, 2.4, first_exit=True)
PARETO = ParetoNbd(0.6, 8.0, 0.7, 11.0)
CASES = [(0.0, 0.0, 20.0), (1.0, 3.0, 20.0), (4.0, 19.0, 20.0), (4.0, 6.0, 20.0)]
NAMES = {"bg_nbd": BG, "mbg_nbd": MBG, "pareto_nbd": PARETO}


def histories(*rows: tuple[float, float, float]) -> Histories:
    """repeats, last, age of customers, one each."""
    repeats, last, age = np.array(rows).T
    return Histories(repeats, last, age, np.ones(len(rows)))


def fit(name: str, history: Histories) -> BetaGeometric | ParetoNbd:
    """The law of that name."""
    if name == "pareto_nbd":
        return ParetoNbd.fit(history)
    return BetaGeometric.fit(history, first_exit=name == "mbg_nbd")


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    """The sample that papers fit, at 39 weeks: repeats, last and age in weeks, repeat value."""
    bought = read_purchases("sample").sort_values("day")
    bought = bought[bought["day"] <= "1997-09-30"]
    group = bought.groupby("customer")
    first, last = group["day"].min(), group["day"].max()
    repeats = group.size() - 1
    later = group["amount"].sum() - group["amount"].first()
    return pd.DataFrame(
        {
            "repeats": repeats.astype(float),
            "last": (last - first).dt.days / 7.0,
            "age": (pd.Timestamp("1997-09-30") - first).dt.days / 7.0,
            "value": later / repeats.clip(lower=1),
        }
    )


@pytest.fixture(scope="module")
def cdnow_histories(cdnow: pd.DataFrame) -> Histories:
    columns = (cdnow[name].to_numpy() for name in ("repeats", "last", "age"))
    return Histories(*columns, np.ones(len(cdnow)))


def test_bg_nbd_is_the_published_fit_of_cdnow(cdnow_histories: Histories) -> None:
    model = BetaGeometric.fit(cdnow_histories, first_exit=False)
    found = [round(value, 3) for value in (model.r, model.alpha, model.a, model.b)]
    assert found == [0.243, 4.414, 0.793, 2.426]
    parameters = np.array([model.r, model.alpha, model.a, model.b])
    value, _ = btyd_bg.log_likelihood(parameters, cdnow_histories, first_exit=False)
    assert value == pytest.approx(-9582.4, abs=0.05)


def test_mbg_nbd_is_the_published_fit_of_cdnow(cdnow_histories: Histories) -> None:
    model = BetaGeometric.fit(cdnow_histories, first_exit=True)
    found = [round(value, 3) for value in (model.r, model.alpha, model.a, model.b)]
    assert found == [0.525, 6.183, 0.891, 1.614]


def test_pareto_nbd_is_the_published_fit_of_cdnow(cdnow_histories: Histories) -> None:
    model = ParetoNbd.fit(cdnow_histories)
    found = [round(value, 3) for value in (model.r, model.alpha, model.s, model.beta)]
    assert found == [0.553, 10.578, 0.606, 11.669]


def test_gamma_gamma_is_the_published_fit_of_cdnow(cdnow: pd.DataFrame) -> None:
    again = cdnow[cdnow["repeats"] > 0]
    model = GammaGamma.fit(again["repeats"].to_numpy(), again["value"].to_numpy())
    assert [round(value, 2) for value in (model.p, model.q, model.v)] == [6.25, 3.74, 15.44]


@pytest.mark.parametrize("case", CASES)
def test_pareto_likelihood_is_the_mean_of_the_individual_one(
    case: tuple[float, float, float],
) -> None:
    x, last, age = case
    steps = (np.arange(1_000) + 0.5) / 1_000  # equal shares of the customers
    rate = gamma_law.ppf(steps, PARETO.r, scale=1 / PARETO.alpha)[:, None]
    leave = gamma_law.ppf(steps, PARETO.s, scale=1 / PARETO.beta)[None, :]
    total = rate + leave
    mixed = leave * np.exp(-total * last) + rate * np.exp(-total * age)
    expected = float((rate**x / total * mixed).mean())
    parameters = np.array([PARETO.r, PARETO.alpha, PARETO.s, PARETO.beta])
    value, _ = btyd_pareto.log_likelihood(parameters, histories(case))
    assert value == pytest.approx(np.log(expected), abs=5e-3)


def shares_alive(name: str, seed: int = 1) -> dict[str, float]:
    """Simulated customers with one repeat order in week 2 to 4 of 20: what came after."""
    model, rng = NAMES[name], np.random.default_rng(seed)
    n = 200_000
    rate = rng.gamma(model.r, 1 / model.alpha, n)
    if isinstance(model, ParetoNbd):
        gone = rng.exponential(1.0, n) / rng.gamma(model.s, 1 / model.beta, n)
    else:
        chance = rng.beta(model.a, model.b, n)
        # The number of orders after which they leave, the first included for MBG/NBD.
        leaves = rng.geometric(chance) - (1 if model.first_exit else 0)
        gone = np.full(n, np.inf)
    now = np.zeros(n)
    count, seen, last, later = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    for _ in range(400):
        now = now + rng.exponential(1.0, n) / rate
        orders = now < np.minimum(gone, 33.0)
        if not isinstance(model, ParetoNbd):
            orders &= count < leaves
            now = np.where(orders, now, np.inf)
        count += orders
        seen += orders & (now < 20.0)
        last = np.where(orders & (now < 20.0), now, last)
        later += orders & (now >= 20.0)
        if not orders.any():
            break
    chosen = (seen == 1) & (last >= 2.0) & (last < 4.0)
    assert chosen.sum() > 1_000
    return {
        "orders": float(later[chosen].mean()),
        "any": float((later[chosen] > 0).mean()),
        "last": float(last[chosen].mean()),
        "n": float(chosen.sum()),
    }


@pytest.mark.parametrize("name", BTYD_NAMES)
def test_what_is_expected_is_what_simulated_customers_do(name: str) -> None:
    told = shares_alive(name)
    history = histories((1.0, told["last"], 20.0))
    chance = float(NAMES[name].order_probability(history, 13.0)[0])
    error = np.sqrt(chance * (1 - chance) / told["n"])
    assert told["any"] == pytest.approx(chance, abs=4 * error)
    orders = float(NAMES[name].expected_orders(history, 13.0)[0])
    assert told["orders"] == pytest.approx(orders, rel=0.12)


@pytest.mark.parametrize("name", BTYD_NAMES)
@pytest.mark.parametrize("case", CASES)
def test_the_first_orders_of_a_moment_are_its_expected_orders(
    name: str, case: tuple[float, float, float]
) -> None:
    """In a short enough time there is one order at most."""
    model, history = NAMES[name], histories(case)
    chance, orders = model.order_probability(history, 1e-4), model.expected_orders(history, 1e-4)
    np.testing.assert_allclose(chance, orders, rtol=1e-3)
    assert 0.0 < model.alive(history)[0] <= 1.0


@settings(deadline=None, max_examples=40)
@given(
    name=st.sampled_from(BTYD_NAMES),
    repeats=st.integers(0, 20_000),
    age=st.floats(0.0, 3_000.0),
    share=st.floats(0.0, 1.0),
    scale=st.sampled_from([1e-3, 0.1, 1.0, 30.0, 1e4]),
)
def test_nothing_overflows(name: str, repeats: int, age: float, share: float, scale: float) -> None:
    """Huge counts, no time at all, parameters of any size: a number in its range, a gradient."""
    history = histories((float(repeats), age * share if repeats else 0.0, age))
    parameters = np.array([0.5, 5.0, 0.7, 9.0]) * scale
    if name == "pareto_nbd":
        model: BetaGeometric | ParetoNbd = ParetoNbd(*parameters)
        value, gradient = btyd_pareto.log_likelihood(parameters, history)
    else:
        model = BetaGeometric(*parameters, first_exit=name == "mbg_nbd")
        value, gradient = btyd_bg.log_likelihood(parameters, history, model.first_exit)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    assert 0.0 <= model.alive(history)[0] <= 1.0
    assert 0.0 <= model.order_probability(history, 13.0)[0] <= 1.0
    assert np.isfinite(model.expected_orders(history, 13.0)[0])


@pytest.mark.parametrize("name", BTYD_NAMES)
def test_the_gradient_is_the_slope_of_the_likelihood(name: str) -> None:
    history, parameters = histories(*CASES), np.array([0.6, 8.0, 0.7, 11.0])

    def value(at: np.ndarray) -> tuple[float, np.ndarray]:
        if name == "pareto_nbd":
            return btyd_pareto.log_likelihood(at, history)
        return btyd_bg.log_likelihood(at, history, name == "mbg_nbd")

    _, gradient = value(parameters)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-6
        slope = (value(parameters + step)[0] - value(parameters - step)[0]) / 2e-6
        assert gradient[i] == pytest.approx(slope, rel=1e-5, abs=1e-7)


def test_beta_nodes_integrate_under_the_beta_law() -> None:
    nodes, weights = beta_nodes(0.8, np.array([2.4, 50.0]))
    for column, b in enumerate((2.4, 50.0)):
        found = float(weights[:, column] @ np.exp(-3.0 * nodes[:, column]))
        law = beta_law(0.8, b)
        assert found == pytest.approx(law.expect(lambda p: np.exp(-3.0 * p)), rel=1e-7)


def test_gamma_gamma_expects_the_posterior_mean() -> None:
    model = GammaGamma(6.0, 4.0, 15.0)
    spent = 3 * 40.0

    def weight(nu: float) -> float:
        # Posterior of nu after three orders that cost 120 together: Gamma(q + 3 p, v + 120).
        return float(gamma_law.pdf(nu, 4.0 + 18.0, scale=1 / (15.0 + spent)))

    expected, _ = quad(lambda nu: model.p / nu * weight(nu), 1e-9, 1.0)
    found = model.expected_value(np.array([3.0]), np.array([40.0]))
    assert found[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", BTYD_NAMES)
@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([(0.0, 0.0, 10.0)], "nobody ordered twice"),
        ([(0.0, 0.0, 10.0), (0.0, 0.0, 3.0)], "nobody ordered twice"),
        ([(2.0, 0.0, 0.0)], "first orders were today"),
        ([(2.0, 9.0, 3.0)], "ends before it begins"),
        ([(np.nan, 9.0, 3.0)], "missing or infinite"),
    ],
)
def test_histories_that_tell_nothing_are_refused(
    name: str, rows: list[tuple[float, float, float]], told: str
) -> None:
    with pytest.raises(BtydError, match=told):
        fit(name, histories(*rows))


def test_no_order_values_are_refused() -> None:
    with pytest.raises(BtydError, match="positive value"):
        GammaGamma.fit(np.array([1.0, 2.0]), np.array([0.0, -3.0]))


@pytest.mark.parametrize("name", BTYD_NAMES)
@pytest.mark.parametrize("rows", [[(7.0, 9.0, 10.0)], [(5_000.0, 99.0, 100.0)] * 3])
def test_one_customer_or_all_alike_gives_a_finite_model(
    name: str, rows: list[tuple[float, float, float]]
) -> None:
    history = histories(*rows)
    model = fit(name, history)
    assert np.isfinite(model.expected_orders(history, 13.0)).all()
    assert np.isfinite(model.order_probability(history, 13.0)).all()


def customers(n: int = 300, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Features in the order of INPUTS and labels: whoever ordered lately orders again."""
    rng = np.random.default_rng(seed)
    tenure = rng.integers(1, 300, n)
    orders = 1 + rng.poisson(rng.gamma(0.6, 3.0, n))
    recency = np.where(orders > 1, rng.integers(0, tenure + 1), tenure)
    spend = orders * rng.gamma(5.0, 6.0, n)
    x = np.column_stack([recency, orders, tenure, spend]).astype(np.float32)
    return x, (recency < 60).astype(np.float64)


@pytest.mark.parametrize("kind", ["probability", "amount", "count", "time"])
@pytest.mark.parametrize("law", BTYD_NAMES)
def test_parts_add_up_and_a_stored_model_says_the_same(law: str, kind: str) -> None:
    x, y = customers()
    x[3, 1] = np.nan
    model = BuyTillYouDie(law, kind, 91, Inputs.find(INPUTS)).fit(x, y)
    margin = model.margin(x)
    assert np.isfinite(margin).all()
    np.testing.assert_allclose(model.contributions(x).sum(axis=1), margin, atol=1e-9)
    stored = BuyTillYouDie.from_dict(json.loads(json.dumps(model.to_dict())))
    np.testing.assert_array_equal(stored.margin(x), margin)
    np.testing.assert_array_equal(stored.margin(x[5:6]), margin[5:6])


@pytest.mark.parametrize("law", BTYD_NAMES)
def test_kinds_agree_with_each_other(law: str) -> None:
    x, y = customers()
    says = {
        kind: BuyTillYouDie(law, kind, 91, Inputs.find(INPUTS)).fit(x, y).margin(x)
        for kind in ("probability", "count", "time", "amount")
    }
    chance = 1.0 / (1.0 + np.exp(-says["probability"]))
    assert (says["count"] >= chance - 2e-6).all()  # at least one order when there is any
    assert ((says["time"] > 91 * (1 - chance) - 1e-3) & (says["time"] <= 91)).all()
    assert (says["amount"] >= 0.0).all()
    away = BuyTillYouDie(law, "probability", 91, Inputs.find(INPUTS)).fit(x, 1.0 - y)
    np.testing.assert_allclose(away.margin(x), -says["probability"])


def test_laws_answer_only_what_is_about_orders_and_their_value() -> None:
    x, _ = customers()
    frame = pd.DataFrame(x, columns=INPUTS).assign(as_of_date=TRAINED_AS_OF)
    laws = FittedBtyd(FeatureTable.from_frame(frame.rename_axis("customer_id").reset_index()))
    for label in ("order_count = 0", "spend_amount", "coalesce(first_order_days, 91)"):
        assert set(laws.at(TRAINED_AS_OF, make_target(label=label))) == set(BTYD_NAMES)
    for label in ("category_order_count > 0", "order_count > 0 and earlier_order_count = 0"):
        assert not laws.at(TRAINED_AS_OF, make_target(label=label))


def test_a_law_knows_nobody_without_an_order() -> None:
    x, _ = customers()
    law = BuyTillYouDie("mbg_nbd", "count", 91, Inputs.find(INPUTS)).fit_histories(x)
    leads = np.full((5, 4), np.nan, dtype=np.float32)
    leads[:, 1] = 0.0
    assert law.knows(x)
    assert not law.knows(leads)


def test_a_mart_without_the_columns_has_no_inputs() -> None:
    assert Inputs.find(["recency_days", "order_count"]) is None

"""Next products by the version in force: who ranks when, and what happens without one."""

import datetime

import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.artefacts import ArtefactError
from segmentry.home import ConfigurationError
from segmentry.models.decisions import DecisionRequest, demote, promote, roll_back
from segmentry.models.next_products.ranking import rank_next_products
from segmentry.models.next_products.training import train_next_products
from segmentry.models.planning import read_past
from segmentry.models.registry import champion_at
from segmentry.models.storing import store_training
from segmentry.project.vocabulary import NEXT_PRODUCTS, digest_for
from segmentry.warehouse.door import Warehouse
from tests.segmentry.model_home import NEW, NEXT, OLD, judge_dates

RANKS = load_contracts().tables["models.product_affinity"]
WISH = DecisionRequest("Ada", "the lists looked odd")
# What dbt builds elsewhere: forty customers of the shop, who buy two things every other week.
_CORE = """
create or replace table core.fct_orders as
    select null::varchar as order_id, null::varchar as original_order_id where false;
create or replace table core.fct_order_lines as
    select 'o' || customer_id || week as order_id, customer_id as identity_id,
        timestamp '2024-04-01 12:00:00' + to_days(14 * week) as ordered_at,
        'item ' || (hash(customer_id, week // 2, thing) % 12) as product_id, 1.0 as quantity,
        false as is_return, null::timestamp as cancelled_at
    from (select distinct customer_id from features.customer_features order by 1 limit 80) as people
    cross join (select unnest(range(18)) as week) as weeks
    cross join (select unnest(range(2)) as thing) as things;
create or replace table core.fct_product_views as
    select null::varchar as identity_id, null::date as event_date, null::varchar as product_id
    where false;
create or replace table core.dim_products as
    select distinct product_id, 'all' as category, null::timestamp as launched_at,
        null::timestamp as updated_at from core.fct_order_lines;
create or replace table identity.customer_identities as
    select distinct identity_id, identity_id as customer_id, date '2024-01-01' as valid_from,
        null::date as valid_to from core.fct_order_lines;
"""


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """The home of small models, with purchases."""
    with warehouse.connect() as connection:
        connection.execute(_CORE)
    return warehouse


def train(warehouse: Warehouse, date: datetime.date) -> str:
    """Train next products alone at a date; returns the version."""
    training = train_next_products(warehouse, warehouse.home, date)
    store_training(warehouse, load_contracts(), [training], date)
    return training.version.model_version


def rank(warehouse: Warehouse, date: datetime.date) -> set[str]:
    """Rank at a date as the daily job does; returns the versions of its rows."""
    judge_dates(warehouse, [date])
    rank_next_products(warehouse, RANKS, date)
    sql = "select distinct model_version from models.product_affinity where as_of_date = ?"
    return set(warehouse.read(sql, [date])["model_version"])


def in_force(warehouse: Warehouse, date: datetime.date) -> str | None:
    champion = champion_at(warehouse, NEXT_PRODUCTS, date, digest_for(NEXT_PRODUCTS))
    return champion.model_version if champion else None


def test_ranking_keeps_the_version_and_fits_nothing(shop, monkeypatch):
    version = train(shop, OLD)
    for fit in ("ml.next_products.model.choose_rankers", "ml.next_products.model.learn"):
        monkeypatch.setattr(fit, None)
    assert rank(shop, NEW) == rank(shop, NEXT) == {version}
    row = shop.read("select * from models.model_versions where model_version = ?", [version])
    assert row["is_promoted"].item()
    assert row["data_digest"].notna().all()
    assert "product repeat" in row["parameters"].item()
    figures = shop.read("select distinct trained_as_of from models.affinity_metrics")
    assert [day.date() for day in figures["trained_as_of"]] == [OLD]


def test_without_a_version_nothing_is_written_and_training_is_called_for(shop):
    judge_dates(shop, [NEW])
    told = rank_next_products(shop, RANKS, NEW)
    assert told == (0, "no model has been trained for this date")
    assert read_past(shop).trained == ()
    train(shop, NEW)
    assert rank(shop, NEW) != set()


def test_a_shop_without_order_lines_is_told_why_it_has_no_version(shop):
    with shop.connect() as connection:
        connection.execute("delete from core.fct_order_lines")
    train(shop, NEW)
    assert rank(shop, NEW) == set()
    row = shop.read("select * from models.model_versions where target = ?", [NEXT_PRODUCTS])
    assert row["reason"].item() == "no order has lines with products, and nobody looked at one"


def test_people_promote_demote_and_roll_back_as_with_any_target(shop):
    old = train(shop, OLD)
    rank(shop, OLD)
    new = train(shop, NEW)
    if in_force(shop, NEW) != new:
        promote(shop, new, WISH)
    assert rank(shop, NEW) == {new}
    with pytest.raises(ConfigurationError, match="were given out keep their model"):
        demote(shop, new, DecisionRequest("Ada", "odd", OLD))
    assert roll_back(shop, NEXT_PRODUCTS, WISH).model_version == old
    assert rank(shop, NEXT) == {old}
    kept = shop.read("select distinct model_version from models.product_affinity order by all")
    assert set(kept["model_version"]) == {old, new}
    demote(shop, old, WISH)
    assert in_force(shop, NEXT) == old
    assert in_force(shop, NEXT + datetime.timedelta(days=1)) is None


def test_a_truncated_artefact_stops_the_ranking_and_cannot_be_promoted(shop):
    version = train(shop, OLD)
    stored = shop.home.models / version / "arrays.npz"
    stored.write_bytes(stored.read_bytes()[:100])
    with pytest.raises(ArtefactError, match="changed, truncated"):
        rank(shop, NEW)
    demote(shop, version, WISH)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        promote(shop, version, DecisionRequest("Ada", "back", NEXT))

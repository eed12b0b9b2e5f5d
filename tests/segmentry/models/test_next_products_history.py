"""Who bought what, as known at a date: what is read for next products, and what is written."""

import datetime

import duckdb
import pytest

from data_contracts.compiler.loading import load_contracts
from ml.next_products.model import train_affinity
from segmentry.artefacts import save_model
from segmentry.models.next_products.history import open_date
from segmentry.models.next_products.ranking import write_affinity
from segmentry.models.next_products.training import read_levels
from segmentry.models.registry import Champion
from segmentry.warehouse.tables import create_table

D = datetime.date(2024, 3, 1)
RANKS = load_contracts().tables["models.product_affinity"]
_WAREHOUSE = """
create schema core; create schema identity; create schema features; create schema models;
create table core.fct_orders (order_id varchar, original_order_id varchar);
create table core.fct_order_lines (order_id varchar, identity_id varchar, ordered_at timestamp,
    product_id varchar, quantity double, is_return boolean, cancelled_at timestamp);
create table core.fct_product_views (identity_id varchar, event_date date, product_id varchar);
create table core.dim_products (product_id varchar, category varchar, launched_at timestamp,
    updated_at timestamp);
create table identity.customer_identities (identity_id varchar, customer_id varchar,
    valid_from date, valid_to date);
create table features.customer_features (customer_id varchar, as_of_date date);
insert into identity.customer_identities values
    ('a', 'ann', '2024-01-01', null), ('b', 'bob', '2024-01-01', '2024-02-01'),
    ('b', 'ann', '2024-02-01', null), ('c', 'cid', '2024-01-01', '2024-03-05'),
    ('c', 'ann', '2024-03-05', null), ('v', 'vi', '2024-01-01', null),
    ('n', 'nell', '2024-01-01', null);
insert into features.customer_features
    select unnest(['ann', 'cid', 'vi', 'nell']), date '2024-03-01';
insert into core.dim_products values ('milk', 'dairy', null, null),
    ('tea', 'drinks', null, '2024-03-02'), ('new', 'drinks', '2024-04-01', null);
insert into core.fct_product_views values ('v', '2024-02-20', 'tea'), ('v', '2024-03-01', 'milk');
"""


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        opened.execute(_WAREHOUSE)
        opened.execute(create_table(RANKS))
        yield opened


def add_line(connection, order, who, day, product, **more):
    facts = {"quantity": 1, "original": None, "cancelled": None} | more
    is_return = facts["quantity"] < 0
    connection.execute("insert into core.fct_orders values (?, ?)", [order, facts["original"]])
    connection.execute(
        "insert into core.fct_order_lines values (?, ?, ?, ?, ?, ?, ?)",
        [order, who, day, product, facts["quantity"], is_return, facts["cancelled"]],
    )


def bought(connection, level="product"):
    """(customer, item) pairs that count at D."""
    reader = open_date(connection, D)
    found = reader.level(level, 0, reader.customer_count).bought
    ids = reader.customer_ids(0, reader.customer_count)
    names = reader.items(level)["name"]
    pairs = zip(found.customer, found.item, strict=True)
    return sorted((str(ids[customer]), str(names[item])) for customer, item in pairs)


@pytest.fixture
def version(tmp_path):
    """Stores what the purchases of a connection teach at D, as a version."""

    def store(connection):
        model = train_affinity(read_levels(connection, D), D).model
        stored = save_model(model, tmp_path / "model")
        return Champion("v1", stored.path, stored.digest, D)

    return store


def test_a_purchase_counts_from_the_day_after_it(connection):
    add_line(connection, "1", "a", "2024-02-29 23:59:59", "milk")
    add_line(connection, "2", "a", "2024-03-01 00:00:00", "tea")
    assert bought(connection) == [("ann", "milk")]


def test_what_was_called_off_or_sent_back_by_then_is_no_purchase(connection):
    add_line(connection, "1", "a", "2024-02-01", "milk", cancelled="2024-02-02")
    add_line(connection, "2", "a", "2024-02-01", "tea", cancelled="2024-03-02")
    add_line(connection, "3", "c", "2024-02-01", "milk", quantity=2)
    add_line(connection, "4", "c", "2024-02-05", "milk", quantity=-1, original="3")
    add_line(connection, "5", "c", "2024-02-01", "tea")
    add_line(connection, "6", "c", "2024-02-05", "tea", quantity=-1, original="5")
    assert bought(connection) == [("ann", "tea"), ("cid", "milk")]


def test_purchases_belong_to_whom_the_map_names_at_the_date(connection):
    add_line(connection, "1", "b", "2024-01-10", "milk")
    add_line(connection, "2", "c", "2024-01-10", "tea")
    assert bought(connection) == [("ann", "milk"), ("cid", "tea")]


def test_a_category_that_was_told_later_is_not_known(connection):
    add_line(connection, "1", "a", "2024-02-01", "milk")
    add_line(connection, "2", "a", "2024-02-01", "tea")
    add_line(connection, "3", "a", "2024-02-01", "unlisted")
    assert bought(connection, "category") == [("ann", "dairy")]
    assert len(bought(connection)) == 3


def test_everybody_gets_rows_and_is_told_what_they_rest_on(connection, version):
    add_line(connection, "1", "a", "2024-02-01", "milk")
    add_line(connection, "2", "c", "2024-02-01", "new")
    write_affinity(connection, RANKS, D, version(connection))
    rows = connection.execute(
        "select customer_id, kind, basis, product_id from models.product_affinity "
        "where item_level = 'product' order by all"
    ).fetchall()
    assert ("ann", "repeat", "purchases", "milk") in rows
    assert ("vi", "discover", "views", "tea") in rows
    assert ("vi", "discover", "views", "milk") in rows
    assert ("nell", "discover", "popularity", "milk") in rows
    assert not [row for row in rows if row[3] == "new"]


def test_writing_again_replaces_and_old_dates_go(connection, version):
    add_line(connection, "1", "a", "2024-02-01", "milk")
    champion = version(connection)
    first = write_affinity(connection, RANKS, D, champion)
    connection.execute(
        "insert into models.product_affinity by name "
        "select * replace (date '2024-01-01' as as_of_date) from models.product_affinity"
    )
    assert write_affinity(connection, RANKS, D, champion) == first
    found = connection.execute("select distinct as_of_date, model_version from " + RANKS.full_name)
    assert found.fetchall() == [(D, "v1")]


def test_ranks_do_not_depend_on_the_size_of_a_batch(connection, version, monkeypatch):
    for number, who in enumerate("abcabca"):
        for product in ("milk", "tea", "jam")[: 1 + number % 3]:
            add_line(connection, f"{number}{product}", who, f"2024-02-{10 + number}", product)
    champion = version(connection)
    found = []
    for size in (2000, 1):
        monkeypatch.setattr("segmentry.models.next_products.ranking.BATCH_CUSTOMERS", size)
        write_affinity(connection, RANKS, D, champion)
        found.append(connection.execute("from models.product_affinity order by all").fetchall())
    assert found[0] == found[1]
    assert len(found[0]) > 5


def test_a_shop_without_order_lines_has_nothing_to_learn_from(connection):
    connection.execute("delete from core.fct_product_views")
    assert [len(names) for _, names in read_levels(connection, D).values()] == [0, 0]

"""One small synthetic world for all tests here, and a connection with a view of each table."""

import duckdb
import pytest

from simulation.world import simulate

CUSTOMERS, DAYS, SEED = 4000, 400, 7


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("world")
    simulate(CUSTOMERS, DAYS, SEED, path)
    return path


@pytest.fixture(scope="session")
def world(folder):
    """Views: each raw table by its name, what is true as true_<table>, orders with their person."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for path in sorted(folder.iterdir()):
            tables = [path] if path.name != "truth" else sorted(path.iterdir())
            for table in tables:
                name = f"true_{table.name}" if table.parent.name == "truth" else table.name
                connection.execute(
                    f"create view {name} as select * from "
                    f"read_parquet('{table}/*.parquet', union_by_name = true)"
                )
        connection.execute(
            """
            create table orders as
            with placed as (
                select distinct on (id) * from shop_orders where not test
            ),
            whose as (
                select identifier, min(person_id) as person_id from true_identifiers
                where system = 'shop' and identifier_type in ('customer_id', 'email')
                group by identifier having count(distinct person_id) = 1
            )
            select whose.person_id, placed.id, placed.discount_code, placed.total_price,
                cast(placed.created_at as timestamptz)::timestamp as ordered_at
            from placed join whose on whose.identifier = coalesce(placed.customer__id, placed.email)
            """
        )
        yield connection


@pytest.fixture(scope="session")
def rows(world):
    """Run one query and return its rows."""
    return lambda query: world.execute(query).fetchall()


@pytest.fixture(scope="session")
def value(world):
    """Run one query and return its only value."""
    return lambda query: world.execute(query).fetchone()[0]

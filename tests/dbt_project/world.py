"""A small seeded shop as landed, what was known of it at a date, and dbt on it."""

import datetime
import json
import os
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Table
from orchestration.defs.transform import BEFORE_PYTHON, PARTS
from segmentry.dbt.outcomes import outcomes_of
from segmentry.identity.resolver import project_resolver
from segmentry.identity.update import update_identity
from segmentry.quality.validation import CheckOutcome
from tests.dbt_project.web import ad_touches, web_events
from tests.dbt_project.world_relations import join_accounts, relations
from tests.dbt_project.world_texts import learn, texts

PROJECT = Path(__file__).parents[2] / "dbt_project"
START = pd.Timestamp("2023-01-02")
DAYS = 470
LANDED = ", _loaded_at timestamp, _file varchar, _row bigint, _version integer"


def shop(seed: int = 11, customers: int = 40) -> dict[str, pd.DataFrame]:
    """Entities of a shop: returns, cancellations, two currencies, products described late."""
    rng = np.random.default_rng(seed)
    when = lambda count: START + pd.to_timedelta(rng.uniform(0, DAYS, count), unit="D").floor("s")  # noqa: E731
    number = rng.poisson(25, customers).sum()
    orders = pd.DataFrame({"ordered_at": when(number)}).sort_values("ordered_at", ignore_index=True)
    orders["order_id"] = [f"O{i}" for i in range(number)]
    orders["source_customer_id"] = [f"C{i}" for i in rng.integers(0, customers, number)]
    is_return = rng.random(number) < 0.06
    orders["order_amount"] = np.where(is_return, -1, 1) * rng.lognormal(3, 0.6, number).round(2)
    orders["discount_amount"] = np.where(rng.random(number) < 0.3, 2.5, 0.0)
    orders["currency"] = rng.choice(["EUR", "USD"], number)
    orders["coupon_code"] = np.where(rng.random(number) < 0.2, "SAVE", None)
    delay = pd.to_timedelta(rng.exponential(30, number), unit="D").floor("s")
    orders["cancelled_at"] = (orders["ordered_at"] + delay).where(rng.random(number) < 0.12)
    world = {
        "orders": orders,
        "order_lines": _lines(rng, orders),
        "products": _products(rng, when),
        "customers": join_accounts(rng, _customers(rng, when, customers)),
        "fx_rates": pd.DataFrame(
            {"rate_date": pd.date_range(START, periods=DAYS // 30 + 1, freq="30D").date}
        ).assign(currency="USD", rate=lambda frame: 0.9 + rng.random(len(frame)) / 20),
        **relations(rng, customers, when),
        "web_events": web_events(rng, customers),
        "ad_touches": ad_touches(rng, customers),
    }
    for name, frame in texts(rng, when, customers).items():
        world[name] = pd.concat([world[name], frame], ignore_index=True)
    return world


def _lines(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    """One to four lines for most orders; some orders have none."""
    counts = rng.integers(0, 5, len(orders))
    lines = orders.loc[orders.index.repeat(counts), ["order_id", "order_amount"]]
    sign = np.sign(lines["order_amount"])
    return pd.DataFrame(
        {
            "order_id": lines["order_id"],
            "line_number": lines.groupby("order_id").cumcount() + 1,
            "product_id": [f"P{i}" for i in rng.integers(0, 30, len(lines))],
            "quantity": sign * rng.choice([1, 2, 0.5, 30000], len(lines)),
            "line_amount": sign * rng.lognormal(2, 0.5, len(lines)).round(2),
        }
    )


def _customers(rng: np.random.Generator, when, customers: int) -> pd.DataFrame:
    """Every second customer and a few who never order, half of them described some time later."""
    people = pd.DataFrame({"source_customer_id": [f"C{i}" for i in range(0, customers + 5, 2)]})
    people["created_at"] = when(len(people))
    delay = pd.to_timedelta(rng.exponential(60, len(people)), unit="D").floor("s")
    people["updated_at"] = (people["created_at"] + delay).where(rng.random(len(people)) < 0.5)
    people["region"] = rng.choice(["East", "West"], len(people))
    people["country"] = rng.choice(["DE", "FR"], len(people))
    people["time_zone"] = "Europe/Berlin"
    return people


def _products(rng: np.random.Generator, when) -> pd.DataFrame:
    """Thirty products launched within the data, a third of them described at some time in it."""
    products = pd.DataFrame({"product_id": [f"P{i}" for i in range(30)]})
    products["category"] = rng.choice(["apples", "bread", "cheese", "dates"], 30)
    products["brand"] = rng.choice(["Acme", "Private", "Zenith"], 30)
    products["updated_at"] = when(30)
    products.loc[rng.random(30) < 0.66, "updated_at"] = pd.NaT
    products["launched_at"] = when(30)
    return products


def known_before(world: dict[str, pd.DataFrame], date: datetime.date) -> dict[str, pd.DataFrame]:
    """The world as it was known: later rows dropped, later values nulled, by the contracts."""
    moment = pd.Timestamp(date)
    known = {}
    for name, frame in world.items():
        table = load_contracts().entities[name]
        if table.known_at:
            frame = frame[~(pd.to_datetime(frame[table.known_at]) >= moment)]
        frame = frame.copy()
        for column in table.columns:
            if column.known_at in frame and column.name in frame:
                later = pd.to_datetime(frame[column.known_at]) >= moment
                frame[column.name] = frame[column.name].mask(later)
        known[name] = frame
    orders = known["orders"]["order_id"]
    known["order_lines"] = known["order_lines"][known["order_lines"]["order_id"].isin(orders)]
    return known


def land(path: Path, world: dict[str, pd.DataFrame]) -> Path:
    """A warehouse with every contracted table that dbt reads, and this world's rows in raw."""
    with duckdb.connect(str(path)) as connection:
        for table in load_contracts().tables.values():
            if table.builder != "dbt":
                connection.execute(f"create schema if not exists {table.schema}")
                connection.execute(f"create table {table.full_name} ({_columns(table)})")
        connection.execute("insert into ops.settings values ('reporting_currency', 'EUR')")
        for name, frame in world.items():
            rows = frame.assign(_file="shop", _row=range(len(frame)), _version=1)
            connection.register("landed", rows)
            connection.execute(f"insert into raw.standard__{name} by name select * from landed")
            connection.unregister("landed")
    return path


def _columns(table: Table) -> str:
    columns = ", ".join(f"{column.name} {column.sql_type}" for column in table.columns)
    return columns + (LANDED if table.schema == "raw" else "")


def build(
    path: Path, dates: list[datetime.date], select: str = "", project: Path = PROJECT
) -> None:
    """Build for these dates, in process: by default everything up to the features, as a run does.

    SEGMENTRY_WAREHOUSE names `path` (see the fixture).
    """
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from ops.build_dates")
        rows = [(date, "training") for date in dates] + [(max(dates), "newest")]
        connection.executemany(
            "insert into ops.build_dates (as_of_date, purpose) values (?, ?)", rows
        )
    if select:
        _run_dbt(project, "--select", *select.split())
    else:
        _run_dbt(project, "--select", *PARTS["evidence"].split())
        resolve_people(path)
        learn(path, max(dates))
        _run_dbt(project, "--select", *PARTS["mart"].split(), "--exclude", BEFORE_PYTHON)


def _run_dbt(project: Path, *arguments: str) -> None:
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    result = dbtRunner().invoke(["--quiet", "run", *arguments, *folders])
    DuckDBConnectionManager.close_all_connections()
    assert result.success, result.exception or [r.message for r in result.result if r.message]


def resolve_people(path: Path) -> None:
    """What stands between the evidence and the mart."""
    with duckdb.connect(str(path)) as connection:
        update_identity(connection, load_contracts(), project_resolver())


def unit_tests() -> dict[str, str]:
    """Run dbt's unit tests on the warehouse that SEGMENTRY_WAREHOUSE names: name -> status."""
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    found = dbtRunner().invoke(["--quiet", "test", "--select", "test_type:unit", *folders])
    assert found.result is not None, found.exception
    return {result.node.name: str(result.status) for result in found.result}


def _artifact(name: str) -> dict:
    return json.loads((Path(os.environ["DBT_TARGET_PATH"]) / name).read_text())


def contract_outcomes(path: Path, select: str) -> dict[str | None, CheckOutcome]:
    """Run generated tests on the warehouse that SEGMENTRY_WAREHOUSE names: column -> outcome."""
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    dbtRunner().invoke(["--quiet", "test", "--select", select, *folders])

    results, nodes = _artifact("run_results.json")["results"], _artifact("manifest.json")["nodes"]

    def read(sql: str) -> pd.DataFrame:
        with duckdb.connect(str(path)) as connection:
            return connection.execute(sql).df()

    return {o.column: o for o in outcomes_of(results, nodes, load_contracts(), read)}


def features(path: Path, date: datetime.date) -> pd.DataFrame:
    """customer_features at one date, by customer."""
    with duckdb.connect(str(path)) as connection:
        query = "select * from features.customer_features where as_of_date = ? order by customer_id"
        return connection.execute(query, [date]).df().set_index("customer_id")


def leaking_project(folder: Path, honest: str, leaking: str) -> Path:
    """A copy of the dbt project in which one condition, found by its text, sees too much."""
    project = folder / "leaking"
    shutil.copytree(PROJECT, project)
    places = [path for path in project.rglob("*.sql") if honest in path.read_text()]
    assert len(places) == 1, f"{honest!r} is in {len(places)} files and not in one"
    places[0].write_text(places[0].read_text().replace(honest, leaking))
    return project

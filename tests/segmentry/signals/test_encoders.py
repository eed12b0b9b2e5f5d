"""Versions of encoders by date, and texts scored once, on a warehouse of a few small tables."""

import datetime

import numpy as np
import pandas as pd
import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.artefacts import ArtefactError
from segmentry.home import Home
from segmentry.signals.encoders import fit_encoders, grid
from segmentry.signals.texts import score_texts
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.tables import rows_of

START = pd.Timestamp("2023-01-01")
EARLY, LATE = datetime.date(2023, 5, 1), datetime.date(2023, 12, 1)
SUBJECTS = [
    "parcel late courier",
    "refund charged card",
    "broken glass screen",
    "coffee beans roast",
]
SUBJECTS += [
    "login password locked",
    "coupon code expired",
    "size small sleeve",
    "staff queue shop",
]
TABLES = ("encoder_versions", "token_vectors", "text_topics")


def tickets(count: int = 600) -> pd.DataFrame:
    """A ticket every twelve hours, each text another."""
    return pd.DataFrame(
        {
            "ticket_id": [f"t:{n}" for n in range(count)],
            "source_system": "shop",
            "source_customer_id": [f"C{n % 50}" for n in range(count)],
            "email": None,
            "opened_at": START + pd.to_timedelta(np.arange(count) / 2, unit="D"),
            "subject": [SUBJECTS[n % 8] for n in range(count)],
            "body": [f"thank you number{n}" if n % 2 else f"awful number{n}" for n in range(count)],
        }
    )


def lines(count: int = 3000) -> pd.DataFrame:
    """Ten lines a day; every customer buys from one of two halves of twenty products."""
    rng = np.random.default_rng(5)
    who = rng.integers(0, 40, count)
    return pd.DataFrame(
        {
            "order_id": [f"o:{n}" for n in range(count)],
            "source_system": "shop",
            "source_customer_id": [f"C{n}" for n in who],
            "ordered_at": START + pd.to_timedelta(np.arange(count) // 10, unit="D"),
            "product_id": [f"p:{n}" for n in rng.integers(0, 10, count) + 10 * (who % 2)],
            "quantity": 1.0,
        }
    )


@pytest.fixture
def warehouse(tmp_path):
    """Staging as tables, and everything that Python writes still empty."""
    found = Warehouse(Home(tmp_path))
    found.create(load_contracts())
    put(found, "staging.stg_all__support_tickets", tickets())
    put(found, "staging.stg_all__order_lines", lines())
    put(found, "staging.stg_all__orders", lines())
    products = pd.DataFrame({"product_id": ["p:1"], "category": ["tea"], "updated_at": [START]})
    put(found, "staging.stg_all__products", products)
    reviews = {"review_id": "r:1", "source_system": "shop", "source_customer_id": "C1"}
    put(
        found,
        "staging.stg_all__reviews",
        pd.DataFrame([reviews | {"created_at": START, "body": "<b>Lovely!</b>"}]),
    )
    behaviours = lines(0).assign(identifier_type="", identifier="", token="", token_group="")
    put(found, "core.fct_behaviours", behaviours.rename(columns={"ordered_at": "occurred_at"}))
    identifiers = pd.DataFrame({"identifier": [f"C{n}" for n in range(50)]})
    identifiers["identity_id"] = "id " + identifiers["identifier"]
    named = identifiers.assign(source_system="shop", identifier_type="source_customer_id")
    put(found, "identity.idn_identifiers", named)
    return found


def put(warehouse: Warehouse, name: str, frame: pd.DataFrame) -> None:
    with warehouse.connect() as connection:
        connection.register("frame", frame.convert_dtypes())
        connection.execute(f"create or replace table {name} as select * from frame")


def fit(warehouse: Warehouse, newest: datetime.date) -> dict[str, int]:
    """Fit and store what is due; the late rows that were reported."""
    tables = fit_encoders(warehouse, newest)
    for name, frames in zip(TABLES, (tables.versions, tables.vectors, tables.topics), strict=True):
        table = load_contracts().tables[f"core.{name}"]
        warehouse.replace(table, rows_of(table, frames), "false")
    return tables.late_rows


def score(warehouse: Warehouse) -> int:
    return score_texts(warehouse, load_contracts().tables["core.fct_text_signals"])


def versions(warehouse: Warehouse) -> list[str]:
    found = warehouse.read("select encoder_version from core.encoder_versions order by 1")
    return found["encoder_version"].tolist()


def signals(warehouse: Warehouse) -> pd.DataFrame:
    found = warehouse.read("select * from core.fct_text_signals order by occurred_at, text_kind")
    return found.set_index("source_row_id")


def test_versions_are_due_after_91_days_and_then_every_182():
    first = datetime.date(2024, 1, 1)
    assert grid(first, datetime.date(2024, 3, 31)) == []
    assert grid(first, datetime.date(2024, 4, 1)) == [datetime.date(2024, 4, 1)]
    assert grid(first, datetime.date(2025, 1, 1))[1:] == [datetime.date(2024, 9, 30)]


def test_a_version_knows_only_what_was_before_its_date(warehouse):
    fit(warehouse, EARLY)
    early = versions(warehouse)
    assert [name.rsplit("-", 1)[0] for name in early] == ["products-20230402", "topics-20230402"]
    cut = tickets()
    put(warehouse, "staging.stg_all__support_tickets", cut[cut["opened_at"] < "2023-04-02"])
    sold = lines()
    put(warehouse, "staging.stg_all__order_lines", sold[sold["ordered_at"] < "2023-04-02"])
    with warehouse.connect() as connection:
        for name in TABLES:
            connection.execute(f"delete from core.{name}")
    fit(warehouse, EARLY)
    assert versions(warehouse) == early, "the digest of the content is part of the name"


def test_what_is_stored_is_kept_and_late_rows_are_reported(warehouse):
    fit(warehouse, EARLY)
    before = versions(warehouse)
    late = tickets().head(3).assign(ticket_id=["t:x", "t:y", "t:z"])
    put(warehouse, "staging.stg_all__support_tickets", pd.concat([tickets(), late]))
    assert fit(warehouse, EARLY) == {before[1]: 3}
    assert versions(warehouse) == before
    fit(warehouse, LATE)
    assert len(versions(warehouse)) == 4
    assert set(before) < set(versions(warehouse))


def test_too_little_to_learn_from_is_kept_as_a_version_without_vectors(warehouse):
    put(warehouse, "staging.stg_all__order_lines", lines().head(40))
    fit(warehouse, EARLY)
    row = warehouse.read("select * from core.encoder_versions where encoder = 'products'").iloc[0]
    assert row["encoder_version"] == "products-20230402-none"
    assert row["reason"].startswith("too little to learn from: ")
    assert warehouse.count("core.token_vectors") == 0


def test_vectors_that_were_tampered_with_are_refused(warehouse):
    fit(warehouse, EARLY)
    with warehouse.connect() as connection:
        connection.execute("update core.token_vectors set vector_1 = 0.5 where token = 'p:3'")
    with pytest.raises(ArtefactError, match=r"products-20230402-.* are not those that were stored"):
        fit(warehouse, LATE)


def test_a_text_is_weighed_by_the_model_in_force_when_it_was_written(warehouse):
    fit(warehouse, LATE)
    assert score(warehouse) == 601
    found = signals(warehouse)
    before = found["occurred_at"] < "2023-04-02"
    assert found.loc[before, ["topic_id", "encoder_version"]].isna().all(axis=None)
    assert found["sentiment"].notna().all()
    assert found.loc["r:1", "sentiment"] > 0.5
    for version, rows in found[~before].groupby("encoder_version"):
        late = version.startswith("topics-20231001")
        assert ((rows["occurred_at"] >= "2023-10-01") == late).all()
        assert rows["topic_id"].notna().all()


def test_a_text_is_scored_once_until_it_or_its_model_changes(warehouse):
    fit(warehouse, EARLY)
    assert score(warehouse) == 601
    assert score(warehouse) == 0
    edited = tickets().iloc[1:]
    edited.loc[5, "body"] = "now I hate it"
    put(warehouse, "staging.stg_all__support_tickets", edited)
    assert score(warehouse) == 1
    found = signals(warehouse)
    assert "t:0" not in found.index, "a text that is gone has no signals"
    assert found.loc["t:5", "sentiment"] < -0.4
    fit(warehouse, LATE)
    assert score(warehouse) == (edited["opened_at"] >= "2023-10-01").sum()
    assert found.drop(signals(warehouse).index).empty

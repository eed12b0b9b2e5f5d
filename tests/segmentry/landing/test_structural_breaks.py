"""What stops a landing: the message says file, place, rule and what to do; nothing changes."""

import gzip
import os
from pathlib import Path

import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.landing import source as landing
from segmentry.landing.deliveries import package_folder
from segmentry.landing.files import LandingError
from segmentry.landing.plan import Batch
from segmentry.landing.source import land_source
from tests.segmentry.landing.shop import CLOCK, ORDERS, Shop


def refuse(shop: Shop, *words: str) -> LandingError:
    """Land, expect a break whose message has every word, and a warehouse that did not change."""
    before = tables(shop)
    with pytest.raises(LandingError) as caught:
        shop.land()
    message = str(caught.value)
    for word in words:
        assert word in message, f"{word!r} is not in: {message}"
    assert message.endswith("Nothing was landed.")
    assert tables(shop) == before
    return caught.value


def tables(shop: Shop) -> dict[str, int]:
    names = shop.rows(
        "select schema_name || '.' || table_name from duckdb_tables() where not temporary"
    )
    return {name: shop.value(f"select count(*) from {name}") for (name,) in names}


def test_a_missing_landing_folder_is_named(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "nowhere")
    refuse(shop, "nowhere", "no such folder", "name the folder")


def test_a_landing_folder_without_orders_says_what_it_holds(shop: Shop) -> None:
    shop.deliver("ordrs.csv", "a\n1\n")
    refuse(shop, str(shop.folder), "landing folder without orders", "ordrs.csv", "put files into")


def test_an_empty_orders_folder_is_no_orders(shop: Shop) -> None:
    (shop.folder / "orders").mkdir()
    refuse(shop, "landing folder without orders")


def test_a_file_that_cannot_be_opened_is_named(shop: Shop) -> None:
    shop.deliver_orders()
    os.symlink(shop.folder / "orders", shop.folder / "orders" / "second.csv")
    refuse(shop, "orders/second.csv", "unreadable file", "give this user the right to read it")


def test_parquet_that_is_no_parquet_is_named(shop: Shop) -> None:
    shop.deliver("orders/first.parquet", ORDERS)
    refuse(shop, "orders/first.parquet", "unreadable Parquet file", "write the file again")


def test_a_truncated_gzip_file_is_named(shop: Shop) -> None:
    packed = gzip.compress(f"{ORDERS}\nA1,C1,2024-01-05,1\n".encode() * 50)
    shop.deliver("orders/first.csv.gz", packed[:30])
    refuse(shop, "orders/first.csv.gz", "unreadable")


def test_a_missing_required_column_is_named_with_the_likely_one(shop: Shop) -> None:
    shop.deliver("orders/first.csv", "order_id,customer,ordered_at,amount\nA1,C1,2024-01-05,1\n")
    error = refuse(
        shop,
        "orders/first.csv",
        "column source_customer_id, order_amount",
        "missing required column",
        "order_amount may be amount",
        "add or rename",
    )
    assert error.file == "orders/first.csv"


def test_a_file_in_the_wrong_encoding_names_row_and_byte(shop: Shop) -> None:
    lines = f"{ORDERS},store_id\nA1,C1,2024-01-05,1,Bern\nA2,C2,2024-01-06,1,Z\xfcrich\n"
    shop.deliver("orders/first.csv", lines.encode("latin-1"))
    error = refuse(shop, "orders/first.csv, row 2", "wrong encoding", "0xfc", "iconv")
    assert error.row == 2


def test_utf_16_is_recognised(shop: Shop) -> None:
    shop.deliver("orders/first.csv", f"{ORDERS}\nA1,C1,2024-01-05,1\n".encode("utf-16"))
    refuse(shop, "orders/first.csv", "wrong encoding", "UTF-16", "iconv")


@pytest.mark.parametrize("content", ["", f"{ORDERS}\n"])
def test_an_empty_orders_file_is_a_break(shop: Shop, content: str) -> None:
    shop.deliver("orders/first.csv", content)
    refuse(shop, "orders/first.csv", "empty file", "deliver it again")


def test_an_orders_parquet_without_rows_is_a_break(shop: Shop) -> None:
    shop.deliver_parquet(
        "orders/first.parquet",
        "select 'A' as order_id, 'C' as source_customer_id, now()::timestamp as ordered_at, "
        "1.0 as order_amount where false",
    )
    refuse(shop, "orders/first.parquet", "empty file", "deliver it again")


def test_orders_with_no_good_row_are_a_break_that_shows_the_first(shop: Shop) -> None:
    shop.deliver_orders("A1,C1,yesterday,1", "A2,C2,today,1")
    refuse(shop, "orders/first.csv", "all 2 rows", "row 1, column ordered_at: type: 'yesterday'")


def test_a_column_given_twice_is_a_break(shop: Shop) -> None:
    shop.deliver("orders/first.csv", f"{ORDERS},Order_ID\nA1,C1,2024-01-05,1,A1\n")
    refuse(shop, "orders/first.csv", "column Order_ID", "given twice", "name every column once")


def test_mixed_line_endings_are_a_break(shop: Shop) -> None:
    shop.deliver("orders/first.csv", f"{ORDERS}\nA1,C1,2024-01-05,1\r\nA2,C1,2024-01-05,1\n")
    refuse(shop, "orders/first.csv", "unreadable CSV file", "one kind of line ending")


def test_a_break_in_one_table_leaves_the_others_as_they_were(shop: Shop) -> None:
    shop.deliver_orders()
    shop.land()
    shop.deliver_orders("A2,C1,2024-01-06,3", name="orders/second.csv")
    shop.deliver("reviews.csv", "review_id,body\nR1,good\n")
    refuse(shop, "reviews.csv", "missing required column")
    assert shop.value("select count(*) from raw.standard__orders") == 1


def test_a_crash_in_the_middle_leaves_nothing_half_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.deliver_orders()
    shop.deliver("products.csv", "product_id\nP1\n")
    write_rows = landing.write_rows

    def crash(connection: object, batch: Batch, rows: object) -> None:
        write_rows(connection, batch, rows)  # type: ignore[arg-type]
        if batch.table.entity == "products":
            raise KeyboardInterrupt

    monkeypatch.setattr(landing, "write_rows", crash)
    with pytest.raises(KeyboardInterrupt):
        shop.land()
    assert tables(shop) == {}
    monkeypatch.undo()
    assert shop.land().tables["orders"].landed == 1


def test_an_unknown_source_says_which_there_are(shop: Shop) -> None:
    with pytest.raises(LandingError, match="complete_journey, omnishop, standard"):
        land_source(shop.connection, "webshop", shop.folder, load_contracts(), CLOCK)


def test_a_missing_demo_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(LandingError, match="pip install"):
        package_folder(load_contracts().source("complete_journey"))

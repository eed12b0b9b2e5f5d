"""The same files twice change nothing; new files add; a re-export lands, counts and versions."""

import gzip
from datetime import timedelta

from data_contracts.compiler.loading import load_contracts
from segmentry.landing.deliveries import package_folder
from segmentry.landing.sample import sample_newest
from segmentry.landing.source import land_source
from tests.segmentry.landing.shop import CLOCK, ORDERS, Shop

LATER = CLOCK + timedelta(hours=1)


def everything(shop: Shop) -> list[list[tuple[object, ...]]]:
    names = ["raw.standard__orders", "raw.standard__consents", "ops.loaded_files"]
    names += ["ops.quarantined_rows", "ops.settings"]
    return [shop.rows(f"from {name} order by all") for name in names]


def test_nothing_but_one_file_of_four_columns_is_enough(shop: Shop) -> None:
    shop.deliver_orders(name="orders.csv")
    assert shop.land().tables["orders"].landed == 1


def test_every_contracted_raw_table_exists_typed_even_when_nothing_came(shop: Shop) -> None:
    shop.deliver_orders()
    shop.land()
    contracts = load_contracts()
    for table in contracts.of_stage("raw"):
        described = shop.rows(f"describe {table.full_name}")
        expected = [(c.name, c.sql_type.upper()) for c in table.columns]
        expected += [("_loaded_at", "TIMESTAMP"), ("_file", "VARCHAR")]
        expected += [("_row", "BIGINT"), ("_version", "INTEGER")]
        assert [(name, kind) for name, kind, *_ in described] == expected


def test_parquet_csv_and_gzip_mix_in_one_folder(shop: Shop) -> None:
    shop.deliver_orders("A1,C1,2024-01-05 10:00:00,1.5", name="orders.csv")
    packed = gzip.compress(f"{ORDERS};channel\nA2;7;2024-01-06;2;web\n".replace(",", ";").encode())
    shop.deliver("orders/b.csv.gz", packed)
    shop.deliver_parquet(
        "orders/a.parquet",
        "select 'A3' as order_id, 7::bigint as source_customer_id, "
        "timestamptz '2024-01-07 12:00:00+02' as ordered_at, 2.5::double as order_amount",
    )
    shop.deliver_parquet(
        "orders/c.parquet",
        "select 4.0::double as order_id, '8' as source_customer_id, "
        "'2024-01-07 12:00:00' as ordered_at, 3 as ORDER_AMOUNT, 'nan'::double as discount_amount",
    )
    report = shop.land()
    assert report.tables["orders"].landed == 4, report.messages
    landed = shop.rows(
        "select order_id, source_customer_id, ordered_at::varchar, order_amount::double, channel, "
        "_file, _row from raw.standard__orders order by order_id"
    )
    assert landed == [
        ("4", "8", "2024-01-07 12:00:00", 3.0, None, "orders/c.parquet", 1),
        ("A1", "C1", "2024-01-05 10:00:00", 1.5, None, "orders.csv", 1),
        ("A2", "7", "2024-01-06 00:00:00", 2.0, "web", "orders/b.csv.gz", 1),
        ("A3", "7", "2024-01-07 10:00:00", 2.5, None, "orders/a.parquet", 1),
    ]


def test_the_same_files_twice_change_nothing(shop: Shop) -> None:
    ahead = CLOCK + timedelta(days=9)
    shop.deliver_orders("A1,C1,2024-01-05,1", f"A2,C1,{ahead},2", "A3,C1,x,2")
    consents = "source_customer_id,purpose,status,recorded_at\n"
    shop.deliver("consents.csv", consents + "C1,email,granted,2024-01-05\n" * 2)
    shop.land()
    before = everything(shop)
    assert not shop.land(LATER).changed_anything
    assert everything(shop) == before


def test_the_same_content_under_another_name_changes_nothing(shop: Shop) -> None:
    shop.deliver_orders()
    shop.land()
    before = everything(shop)
    shop.deliver_orders(name="orders/copy.csv")
    shop.land(LATER)
    assert everything(shop) == before


def test_a_new_file_adds_only_its_rows(shop: Shop) -> None:
    shop.deliver_orders()
    shop.land()
    shop.deliver_orders("A2,C1,2024-01-06,2", "A3,C2,2024-01-06,2", name="orders/second.csv")
    report = shop.land(LATER)
    assert (report.tables["orders"].new_files, report.tables["orders"].landed) == (1, 2)
    assert shop.value("select count(*) from raw.standard__orders") == 3


def test_a_re_export_lands_the_new_counts_the_same_and_versions_the_changed(shop: Shop) -> None:
    shop.deliver_orders("A1,C1,2024-01-05,1", "A2,C1,2024-01-05,2")
    shop.land()
    shop.deliver_orders("A1,C1,2024-01-05,1", "A2,C1,2024-01-05,2.5", "A3,C1,2024-01-08,3")
    orders = shop.land(LATER).tables["orders"]
    assert (orders.landed, orders.unchanged, orders.changed) == (1, 1, 1)
    versions = shop.rows(
        "select order_id, order_amount::double, _version from raw.standard__orders order by all"
    )
    assert versions == [("A1", 1, 1), ("A2", 2, 1), ("A2", 2.5, 2), ("A3", 3, 1)]
    shop.deliver_orders("A2,C1,2024-01-05,2", name="orders/third.csv")
    shop.land(LATER + timedelta(hours=1))
    assert shop.value("select max(_version) from raw.standard__orders") == 3


def test_files_of_one_landing_are_versions_in_the_order_of_their_names(shop: Shop) -> None:
    for number, amount in enumerate((1, 1, 5, 1)):
        shop.deliver_orders(
            f"A1,C1,2024-01-05,{amount}", f"B{number},C1,2024-01-05,1", name=f"orders/{number}.csv"
        )
    orders = shop.land().tables["orders"]
    assert (orders.landed, orders.unchanged, orders.changed) == (5, 1, 2)
    versions = shop.rows(
        "select _version, order_amount::int from raw.standard__orders where order_id = 'A1' "
        "order by 1"
    )
    assert versions == [(1, 1), (2, 5), (3, 1)]


def test_a_table_without_a_key_keeps_repeats_and_knows_a_re_export(shop: Shop) -> None:
    shop.deliver_orders()
    header = "source_customer_id,purpose,status,recorded_at\n"
    row = "C1,email,granted,2024-01-05\n"
    shop.deliver("consents/first.csv", header + row * 2)
    assert shop.land().tables["consents"].landed == 2
    shop.deliver("consents/second.csv", header + row * 3 + "C2,email,denied,2024-01-06\n")
    consents = shop.land(LATER).tables["consents"]
    assert (consents.landed, consents.unchanged) == (2, 2)


def test_a_row_that_waited_does_not_overwrite_what_came_since(shop: Shop) -> None:
    shop.deliver_orders("A1,C1,2024-01-05,1,EUR", "A2,C1,2024-01-05,7,GBP", more=",currency")
    shop.land()
    shop.deliver_orders("A2,C1,2024-01-05,8,EUR", more=",currency", name="orders/second.csv")
    shop.land(LATER)
    shop.deliver("fx_rates.csv", "rate_date,currency,rate\n2024-01-01,GBP,1.2\n")
    report = shop.land(LATER + timedelta(hours=1))
    assert "landed with other content since" in report.messages[0]
    amounts = shop.rows("select order_amount::int from raw.standard__orders where order_id = 'A2'")
    assert amounts == [(8,)]
    before = everything(shop)
    shop.land(LATER + timedelta(hours=2))
    assert everything(shop) == before


def test_a_column_that_appears_later_is_added_to_what_is_there(shop: Shop) -> None:
    shop.deliver_orders()
    shop.land()
    shop.deliver_orders("A2,C1,2024-01-05,1,x", more=",colour", name="orders/second.csv")
    shop.deliver_orders("A3,C1,2024-01-05,1", name="orders/third.csv")
    shop.land(LATER)
    assert shop.rows("select colour from raw.standard__orders order by order_id") == [
        (None,), ("x",), (None,)
    ]  # fmt: skip


def test_complete_journey_lands_whole_and_only_once(shop: Shop) -> None:
    contracts = load_contracts()
    folder = package_folder(contracts.source("complete_journey"))
    for clock in (CLOCK, LATER):
        report = land_source(shop.connection, "complete_journey", folder, contracts, clock)
    assert report.messages == []
    assert report.warnings == []
    assert shop.value("select count(*) from raw.complete_journey__transactions") == 1_469_307
    assert shop.value("select count(*) from raw.complete_journey__coupon_redemptions") == 2_102
    assert shop.value("select count(*) from ops.quarantined_rows") == 0
    assert shop.value("select count(*) from ops.loaded_files") == 7
    sample = sample_newest(
        shop.connection, contracts.tables["raw.complete_journey__transactions"], 1_000
    )
    assert 900 < len(sample) <= 1_000
    assert "basket_id" in sample.columns

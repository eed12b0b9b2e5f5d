"""Rows that break a rule go to quarantine with the reason and what to do; good rows go on."""

import json
from datetime import timedelta

import pytest

from tests.segmentry.landing.shop import CLOCK, Shop


def one_message(shop: Shop, *words: str) -> None:
    """Land and find exactly one message, with every word in it."""
    messages = [m for m in shop.land().messages if not m.startswith("Reporting currency")]
    assert len(messages) == 1, messages
    for word in words:
        assert word in messages[0], f"{word!r} is not in: {messages[0]}"


def test_a_wrong_type_in_row_17_is_quarantined_and_the_others_land(shop: Shop) -> None:
    lines = [f"A{n},C1,2024-01-05 10:00:00,12.50" for n in range(1, 31)]
    lines[16] = "A17,C1,2024-01-05 10:00:00,12;50"
    shop.deliver_orders(*lines)
    one_message(shop, "orders/first.csv, row 17, column order_amount: type", "'12;50'", "write")
    assert shop.quarantine() == [("orders", "orders/first.csv", 17, "order_amount", "type")]
    assert shop.value("select count(*) from raw.standard__orders") == 29
    assert shop.value("select max(_row) from raw.standard__orders") == 30
    content = json.loads(shop.value("select row_content from ops.quarantined_rows"))
    assert content["order_id"] == "A17"
    assert content["order_amount"] == "12;50"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("line_number", "1.5"),
        ("quantity", "inf"),
        ("quantity", "two"),
        ("line_amount", "$5"),
    ],
)
def test_a_value_that_would_be_bent_into_its_type_is_quarantined(
    shop: Shop, column: str, value: str
) -> None:
    row = {"order_id": "A1", "line_number": "1", "product_id": "P", "quantity": "1"}
    row |= {"line_amount": "2.5", column: value}
    shop.deliver_orders()
    shop.deliver("order_lines.csv", f"{','.join(row)}\n{','.join(row.values())}\n")
    one_message(shop, f"order_lines.csv, row 1, column {column}: type")


def test_times_with_an_offset_are_moved_to_utc(shop: Shop) -> None:
    shop.deliver_orders("A1,C1,2024-01-05T10:00:00+02:00,1", "A2,C1,2024-01-05T10:00:00Z,1")
    shop.land()
    hours = shop.rows("select hour(ordered_at) from raw.standard__orders order by order_id")
    assert hours == [(8,), (10,)]


def test_the_first_row_of_a_key_stays_and_a_differing_one_is_quarantined(shop: Shop) -> None:
    shop.deliver_orders(
        "A1,C1,2024-01-05,1", "A2,C1,2024-01-05,2", "A1,C1,2024-01-05,1", "A1,C1,2024-01-05,9"
    )
    one_message(
        shop,
        "orders/first.csv, row 4, column order_id: duplicate_key",
        "in row 1 of this file",
        "keep one of them",
    )
    landed = shop.rows("select order_id, order_amount, _version from raw.standard__orders")
    assert [(key, float(amount), version) for key, amount, version in sorted(landed)] == [
        ("A1", 1.0, 1),
        ("A2", 2.0, 1),
    ]
    ledger = "select landed_count, duplicate_count, quarantined_count from ops.loaded_files"
    assert shop.rows(ledger) == [(2, 1, 1)]


def test_an_order_from_the_future_waits_until_it_has_happened(shop: Shop) -> None:
    ahead = CLOCK + timedelta(days=3)
    shop.deliver_orders("A1,C1,2024-01-05,1", f"A2,C1,{ahead},2", f"A3,C1,{CLOCK},3")
    one_message(
        shop,
        "orders/first.csv, row 2, column ordered_at: not_from_the_future",
        "later than a day after the landing (2024-03-01 06:00)",
        "correct the time",
    )
    assert shop.land(CLOCK + timedelta(days=1)).tables["orders"].released == 0
    report = shop.land(CLOCK + timedelta(days=3))
    assert report.tables["orders"].released == 1
    assert shop.quarantine() == []
    assert shop.value("select count(*) from raw.standard__orders") == 3


def test_a_negative_quantity_is_right_only_on_a_return(shop: Shop) -> None:
    shop.deliver_orders(
        "A1,C1,2024-01-05,5,", "R1,C1,2024-01-07,-5,", "R2,C1,2024-01-07,0,A1",
        more=",original_order_id",
    )  # fmt: skip
    lines = "order_id,line_number,product_id,quantity,line_amount\n"
    lines += "".join(f"{order},1,P1,-1,-5\n" for order in ("A1", "R1", "R2"))
    shop.deliver("order_lines/first.csv", lines)
    one_message(
        shop,
        "order_lines/first.csv, row 1, column quantity: negative_quantity_only_on_a_return",
        "original_order_id, or correct the sign",
    )
    assert shop.value("select count(*) from raw.standard__order_lines") == 2


def test_a_line_whose_return_comes_later_is_released(shop: Shop) -> None:
    shop.deliver_orders()
    lines = "order_id,line_number,product_id,quantity,line_amount\nR1,1,P1,-1,-5\nA1,1,P1,1,5\n"
    shop.deliver("order_lines/first.csv", lines)
    assert shop.land().tables["order_lines"].quarantined == 1
    shop.deliver_orders("R1,C1,2024-01-07,-5", name="orders/second.csv")
    report = shop.land(CLOCK + timedelta(hours=1))
    assert report.tables["order_lines"].released == 1
    assert shop.value("select count(*) from raw.standard__order_lines") == 2
    assert shop.quarantine() == []


def test_two_currencies_without_a_rate_keep_the_reporting_one(shop: Shop) -> None:
    shop.deliver_orders(
        "A1,C1,2024-01-05,1,EUR", "A2,C1,2024-01-05,1,EUR", "A3,C1,2024-01-05,1,",
        "A4,C1,2024-01-05,1,GBP", more=",currency",
    )  # fmt: skip
    one_message(
        shop,
        "orders/first.csv, row 4, column currency: currency_has_a_rate",
        "two currencies without a rate",
        "deliver fx_rates",
    )
    assert shop.value("select setting_value from ops.settings") == "EUR"
    assert shop.value("select count(*) from raw.standard__orders") == 3


def test_a_rate_that_comes_later_releases_only_orders_on_or_after_it(shop: Shop) -> None:
    shop.deliver_orders(
        "A1,C1,2024-01-05,1,EUR", "A2,C1,2024-01-06,1,EUR", "A3,C1,2024-01-05,1,GBP",
        "A4,C1,2024-01-09 08:00:00,1,GBP", more=",currency",
    )  # fmt: skip
    assert shop.land().tables["orders"].quarantined == 2
    shop.deliver("fx_rates.csv", "rate_date,currency,rate\n2024-01-09,GBP,1.17\n")
    assert shop.land(CLOCK + timedelta(hours=1)).tables["orders"].released == 1
    assert shop.quarantine() == [
        ("orders", "orders/first.csv", 3, "currency", "currency_has_a_rate")
    ]
    ledger = shop.rows(
        "select row_count, landed_count, quarantined_count from ops.loaded_files "
        "where table_name = 'orders' order by loaded_at"
    )
    assert ledger == [(4, 2, 2), (1, 1, 0)]


def test_a_configured_reporting_currency_is_kept(shop: Shop) -> None:
    shop.deliver_orders("A1,C1,2024-01-05,1,EUR", "A2,C1,2024-01-05,1,USD", more=",currency")
    shop.connection.execute("create schema ops")
    shop.connection.execute("create table ops.settings (setting_name text, setting_value text)")
    shop.connection.execute("insert into ops.settings values ('reporting_currency', 'USD')")
    assert shop.land().reporting_currency == "USD"
    assert [row[2] for row in shop.quarantine()] == [1]


def test_without_any_currency_the_last_resort_is_said(shop: Shop) -> None:
    shop.deliver_orders()
    report = shop.land()
    assert report.reporting_currency == "USD"
    assert "no order names a currency" in report.messages[0]


def test_rows_of_the_wrong_shape_are_quarantined_with_their_line(shop: Shop) -> None:
    shop.deliver_orders(
        "A1,C1,2024-01-05,1", "A2,C1,2024-01-05", "A3,C1,2024-01-05,1,extra", "A4,C1,2024-01-05,x"
    )
    report = shop.land()
    assert shop.quarantine() == [
        ("orders", "orders/first.csv", 2, None, "columns"),
        ("orders", "orders/first.csv", 3, None, "columns"),
        ("orders", "orders/first.csv", 4, "order_amount", "type"),
    ]
    assert "Expected Number of Columns: 4 Found: 3; give every row" in report.messages[1]
    contents = shop.rows("select row_content from ops.quarantined_rows order by row_number")
    assert json.loads(contents[0][0]) == {"line": "A2,C1,2024-01-05"}


def test_a_row_that_breaks_several_rules_lists_each(shop: Shop) -> None:
    shop.deliver_orders("A1,C1,2024-01-05,1", ",,soon,1")
    shop.land()
    assert [(row[3], row[4]) for row in shop.quarantine()] == [
        ("order_id", "required"),
        ("ordered_at", "type"),
        ("source_customer_id", "required"),
    ]
    assert shop.value("select quarantined_count from ops.loaded_files") == 1


def test_reasons_do_not_repeat_personal_values(shop: Shop) -> None:
    shop.deliver_orders()
    shop.deliver("customers.csv", "source_customer_id,birth_date\nC1,12/24/1980\n")
    report = shop.land()
    assert "1980" not in " ".join(report.messages)
    assert "1980" in shop.value("select row_content from ops.quarantined_rows")


def test_accepted_values_ranges_and_patterns_are_explained(shop: Shop) -> None:
    shop.deliver_orders()
    shop.deliver(
        "ad_touches.csv",
        "touch_id,occurred_at,platform,touch_type,cost_amount,currency\n"
        "1,2024-01-05,x,hover,-1,euro\n",
    )
    reasons = " ".join(shop.land().messages)
    assert "'hover' is not accepted; use one of impression, click" in reasons
    assert "'-1.0000' is out of range; give at least 0" in reasons
    assert "'euro' does not look like ^[A-Z]{3}$" in reasons


def test_an_unknown_column_is_kept_with_a_warning(shop: Shop) -> None:
    shop.deliver_orders("A1,C1,2024-01-05,1,Berlin", more=",sales region")
    report = shop.land()
    assert len(report.warnings) == 1
    assert "orders/first.csv, column sales region: unknown column" in report.warnings[0]
    assert "add it to the contract" in report.warnings[0]
    assert shop.value('select "sales region" from raw.standard__orders') == "Berlin"
    assert shop.land().warnings == []


def test_an_empty_optional_file_only_warns(shop: Shop) -> None:
    shop.deliver_orders()
    shop.deliver("products.csv", "")
    shop.deliver("reviews.csv", "review_id,created_at,source_customer_id\n")
    report = shop.land()
    assert len(report.warnings) == 2
    assert report.warnings[0].startswith("products.csv: empty file")
    assert report.warnings[1].startswith("reviews.csv: empty file")


def test_a_file_that_is_nobodys_is_named_with_the_likely_entity(shop: Shop) -> None:
    shop.deliver_orders()
    shop.deliver("custmers.csv", "source_customer_id\nC1\n")
    assert shop.land().warnings == [
        "custmers.csv: not read, because no contract names it; did you mean customers?"
    ]


def test_consent_that_names_nobody_is_quarantined(shop: Shop) -> None:
    shop.deliver_orders()
    shop.deliver(
        "consents.csv",
        "source_customer_id,email,purpose,status,recorded_at\n"
        ",,email,granted,2024-01-05\nC1,,email,granted,2024-01-05\n",
    )
    shop.land()
    assert [row[2:] for row in shop.quarantine()] == [(1, None, "names_a_person")]

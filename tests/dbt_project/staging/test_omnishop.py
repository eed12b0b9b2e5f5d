"""What staging makes of each of omnishop's systems, row by row."""

import datetime
from decimal import Decimal

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from data_contracts.compiler.loading import load_contracts
from segmentry.home import DBT_PROJECT
from segmentry.landing.source import land_source
from tests.dbt_project.staging.omnishop import write_world


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Land the world, build staging with its tests, and read it."""
    folder = tmp_path_factory.mktemp("omnishop")
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        clock = datetime.datetime(2024, 2, 1)
        landing = write_world(folder / "landing")
        report = land_source(connection, "omnishop", landing, load_contracts(), clock)
        assert not [m for m in report.messages if "break" in m]
        held = connection.execute("select * from ops.quarantined_rows").fetchall()
        assert not held
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTRY_KEY", "the key of the tests, no secret")
        patch.setenv("SEGMENTRY_WAREHOUSE", str(path))
        patch.setenv("DBT_TARGET_PATH", str(folder / "target"))
        patch.setenv("DBT_LOG_PATH", str(folder / "logs"))
        folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
        selected = ["--select", "staging", "ops", "--exclude", "resource_type:unit_test"]
        result = dbtRunner().invoke(["--quiet", "build", *selected, *folders])
        assert result.success, result.exception or [r.message for r in result.result if r.message]
        with duckdb.connect(str(path)) as connection:

            def read(columns, table, more=""):
                schema = "ops" if table in ("excluded_rows", "unknown_references") else "staging"
                name = table if schema == "ops" else f"stg_omnishop__{table}"
                sql = f"select {columns} from {schema}.{name} {more} order by all"
                return connection.execute(sql).fetchall()

            yield read


def test_an_order_is_what_its_items_came_to_by_the_account_or_the_guest(rows):
    found = rows(
        "order_id, source_customer_id, order_amount, discount_amount, currency, channel",
        "orders",
        "where original_order_id is null",
    )
    amount, discount = Decimal(30), Decimal(5)
    assert found == [
        ("1", "shop:7", amount, discount, "EUR", "web"),
        ("2", "guest:2", amount, discount, "EUR", "web"),
        ("3", "shop:7", amount, discount, "EUR", "store"),
        ("6", "shop:8", amount, discount, "GBP", "web"),
    ]


def test_items_refunded_at_one_moment_are_one_negative_order(rows):
    found = rows(
        "order_id, original_order_id, source_customer_id, order_amount, ordered_at, cancelled_at",
        "orders",
        "where original_order_id is not null",
    )
    back = datetime.datetime(2024, 1, 8, 12)
    cancelled = datetime.datetime(2024, 1, 6, 9)
    assert found == [
        ("refund:r1", "1", "shop:7", Decimal(-20), back, None),
        ("refund:r3", "3", "shop:7", Decimal(-30), back, cancelled),
    ]
    lines = rows(
        "order_id, line_number, product_id, quantity, line_amount",
        "order_lines",
        "where order_id like 'refund%'",
    )
    assert lines == [
        ("refund:r1", 1, "p1", -1.0, Decimal(-10)),
        ("refund:r1", 2, "p2", -1.0, Decimal(-10)),
    ]


def test_lines_have_a_number_of_their_own_and_belong_to_real_orders(rows):
    found = rows(
        "order_id, line_number, product_id, line_amount, discount_amount",
        "order_lines",
        "where order_id not like 'refund%'",
    )
    assert found == [
        ("1", 1, "p1", Decimal(20), Decimal(0)),
        ("1", 2, "p2", Decimal(10), Decimal(5)),
        ("2", 1, "p9", Decimal(30), Decimal(0)),
        ("3", 1, "p1", Decimal(30), Decimal(0)),
    ]


def test_a_code_in_any_case_is_a_redemption_for_its_campaign(rows):
    found = rows("redemption_id, coupon_code, campaign_id", "coupon_redemptions")
    assert found == [("1", "SAVE10", "m1")]


def test_every_record_of_a_person_keeps_its_system_and_the_account_it_names(rows):
    found = rows("source_customer_id, email, login_id, first_name, last_name", "customers")
    assert found == [
        ("billing:b1", None, "shop:8", "Ben", None),
        ("crm:20", "ANNA@mail.example", None, None, None),
        ("email:k1", "anna@mail.example", "shop:7", None, None),
        ("guest:2", "guest@mail.example", None, "Gerda", "Gast"),
        ("helpdesk:h1", "anna@mail.example", None, "Anna", "Maria Berg"),
        ("loyalty:l1", None, "shop:8", None, None),
        ("review:v2", "guest@mail.example", None, None, None),
        ("shop:7", "anna@mail.example", None, "Anna", None),
        ("shop:8", "ben@mail.example", None, None, None),
    ]
    assert rows("account_id, account_name, revenue_band", "accounts") == [
        ("c1", "acme.example", "1M to 10M")
    ]
    assert rows("account_id", "customers", "where account_id is not null") == [("c1",)]
    assert rows("loyalty_id", "customers", "where loyalty_id is not null") == [("LM1",)]
    assert rows("phone, city, country, created_at", "customers", "where city is not null") == [
        ("+4915100000001", "Kassel", "DE", datetime.datetime(2024, 1, 3, 10))
    ]


def test_calls_of_site_and_app_become_events_and_an_identify_is_a_login(rows):
    found = rows(
        "event_id, event_type, anonymous_id, source_customer_id, device_id, page, product_id, "
        "search_query, scroll_depth",
        "web_events",
    )
    none = (None,) * 3
    assert found == [
        ("app_screens:1", "page_view", "a2", None, "d1", "Home", *none),
        ("web_identifies:1", "login", "a1", "shop:7", None, None, *none),
        ("web_pages:1", "page_view", "a1", None, None, "/", None, None, 0.5),
        ("web_tracks:1", "product_view", "a1", None, None, None, "p9", None, None),
        ("web_tracks:2", "search", "a1", None, None, None, None, "tent", None),
        ("web_tracks:3", "login", "a1", "shop:7", None, None, *none),
        ("web_tracks:5", "feature_use", "a1", None, None, "size_guide", *none),
        ("web_tracks:6", "video_progress", "a1", None, None, None, None, None, 0.75),
    ]


def test_messages_touches_and_campaigns_speak_our_words(rows):
    assert rows("event_id, channel, event_type, source_customer_id, phone", "message_events") == [
        ("email:1", "email", "delivered", "email:k1", None),
        ("email:2", "email", "opened", "email:k1", None),
        ("sms:s1:delivered", "sms", "delivered", None, "+49151"),
        ("sms:s1:opted_out", "sms", "unsubscribed", None, "+49151"),
    ]
    assert rows("touch_id, platform, touch_type, anonymous_id, currency", "ad_touches") == [
        ("1", "meta", "impression", "a1", "EUR")
    ]
    assert rows("campaign_id, campaign_name, channel, currency", "campaigns") == [
        ("g1", "Always on", "ads", None),
        ("m1", "Winter", "email", "EUR"),
    ]
    assert rows("campaign_id, source_customer_id, arm, is_randomised", "campaign_assignments") == [
        ("m1", "email:k1", "control", True)
    ]


def test_the_last_rating_counts_and_text_is_cut_at_twenty_thousand_characters(rows):
    found = rows(
        "ticket_id, channel, satisfaction_score, rated_at, length(body)", "support_tickets"
    )
    assert found == [
        ("t1", "phone", 1.0, datetime.datetime(2024, 1, 7), 9),
        ("t2", "social", None, None, 20000),
    ]


def test_a_review_without_an_account_has_a_writer_of_its_own(rows):
    assert rows("review_id, kind, source_customer_id, rating, body", "reviews") == [
        ("v1", "review", "shop:7", 5.0, None),
        ("v2", "survey", "review:v2", None, "Slow"),
    ]


def test_a_subscription_begins_when_it_was_made_or_later_and_a_moment_tells_a_thing_once(rows):
    assert rows(
        "subscription_id, source_customer_id, started_at, monthly_amount, currency", "subscriptions"
    ) == [("s1", "billing:b1", datetime.datetime(2024, 1, 2), Decimal("9.9"), "EUR")]
    assert rows("subscription_id, event_type", "subscription_events") == [
        ("s1", "cancelled"),
        ("s1", "renewed"),
    ]
    assert rows("event_id, loyalty_id, event_type, points", "loyalty_events") == [
        ("1", "LM1", "earn", 30.0)
    ]


def test_consent_speaks_our_words_and_an_unknown_status_is_no_permission(rows):
    found = rows("source_customer_id, email, phone, purpose, status", "consents")
    assert found == [
        ("shop:7", None, None, "email", "withdrawn"),
        (None, "anna@mail.example", None, "email", "granted"),
        (None, None, "+49151", "email", "denied"),
    ]
    assert rows("request_id, source_customer_id", "erasure_requests") == [("1", "shop:8")]


def test_what_is_left_out_is_counted_with_the_reason(rows):
    assert rows("table_name, reason, row_count", "excluded_rows") == [
        ("ads_campaigns", "an e-mail campaign has the same id", 1),
        ("consent_receipts", "no word of ours for this identifier_type", 1),
        ("consent_requests", "no word of ours for this request_type", 1),
        ("email_events", "no word of ours for this metric", 1),
        ("loyalty_activities", "no word of ours for this activity_type", 1),
        ("shop_orders", "a robot", 1),
        ("shop_orders", "a trial of the checkout", 1),
        ("shop_refunds", "its order is not there, or is none", 1),
        ("web_pages", "a robot", 1),
        ("web_tracks", "no word of ours for this event_text", 1),
    ]


def test_what_names_nothing_known_is_kept_and_counted(rows):
    assert rows("table_name, column_name, row_count", "unknown_references") == [
        ("message_events", "campaign_id", 1),
        ("order_lines", "product_id", 1),
        ("web_events", "product_id", 1),
    ]

"""What omnishop's systems may do to their files: be missing, late, repeated, contradictory, odd."""

from datetime import datetime

import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.landing.files import LandingError
from segmentry.landing.sample import sample_newest
from segmentry.landing.source import land_source
from tests.segmentry.landing.shop import CLOCK, Shop

ORDERS = "id,customer__id,created_at,currency,total_price\n"
PAGES = "id,anonymous_id,user_id,timestamp,received_at\n"
LATE = datetime(2024, 3, 2, 6, 0)


class Omnishop(Shop):
    """The same folder and warehouse, of the source omnishop."""

    def land(self, clock: datetime = CLOCK):
        return land_source(self.connection, "omnishop", self.folder, load_contracts(), clock)


@pytest.fixture
def omnishop(shop: Shop) -> Omnishop:
    found = Omnishop(shop.folder)
    found.deliver("shop_orders/1.csv", ORDERS + "1,7,2024-02-01 10:00:00,EUR,20\n")
    return found


def test_any_file_but_the_orders_may_be_missing_and_its_table_is_empty_and_typed(omnishop):
    omnishop.land()
    for table in load_contracts().sources()["omnishop"]:
        columns = dict(
            omnishop.rows(
                "select column_name, data_type from duckdb_columns() where schema_name = 'raw' "
                f"and table_name = '{table.name}'"
            )
        )
        assert {c.name: c.sql_type.upper() for c in table.columns}.items() <= columns.items()
        expected = 1 if table.name == "omnishop__shop_orders" else 0
        assert omnishop.value(f"select count(*) from {table.full_name}") == expected


def test_without_the_orders_nothing_is_landed(tmp_path):
    shop = Omnishop(tmp_path)
    shop.deliver("web_pages/1.csv", PAGES + "1,a,,2024-02-01 10:00:00,\n")
    with pytest.raises(LandingError, match="without shop_orders"):
        shop.land()


def test_a_late_event_lands_and_counts_when_it_comes(omnishop):
    omnishop.deliver("web_pages/1.csv", PAGES + "2,a,,2024-02-03 10:00:00,2024-02-03 10:00:01\n")
    omnishop.land()
    omnishop.deliver("web_pages/2.csv", PAGES + "1,a,,2024-02-01 10:00:00,2024-02-06 10:00:00\n")
    report = omnishop.land(LATE)
    assert report.tables["web_pages"].landed == 1
    assert omnishop.rows("select id, _version from raw.omnishop__web_pages order by id") == [
        ("1", 1),
        ("2", 1),
    ]


def test_events_out_of_order_and_repeated_within_and_across_files_land_once(omnishop):
    first, second = "1,a,,2024-02-01 10:00:00,\n", "2,a,,2024-02-02 10:00:00,\n"
    omnishop.deliver("web_pages/1.csv", PAGES + second + first + second)
    omnishop.deliver("web_pages/2.csv", PAGES + first + "3,a,,2024-02-03 10:00:00,\n")
    report = omnishop.land()
    pages = report.tables["web_pages"]
    assert (pages.landed, pages.unchanged, pages.quarantined) == (3, 2, 0)
    assert omnishop.rows(
        "select file, duplicate_count from ops.loaded_files where table_name = 'web_pages' "
        "order by file"
    ) == [("web_pages/1.csv", 1), ("web_pages/2.csv", 1)]


def test_a_key_may_be_called_like_a_word_of_the_landing_itself(omnishop):
    """The status of a message is part of its key, and landing has a status of every row."""
    head = "sid,to_number,status,date_updated\n"
    sent, delivered = "m,+1,sent,2024-02-01 10:00:00\n", "m,+1,delivered,2024-02-01 10:00:05\n"
    omnishop.deliver("sms_messages/1.csv", head + sent + delivered)
    omnishop.deliver("sms_messages/2.csv", head + delivered + sent)
    report = omnishop.land()
    assert (report.tables["sms_messages"].landed, report.tables["sms_messages"].unchanged) == (2, 2)
    found = omnishop.rows("select status, _version from raw.omnishop__sms_messages order by 1")
    assert found == [("delivered", 1), ("sent", 1)]


def test_yesterdays_file_under_todays_name_is_known_by_its_content(omnishop):
    content = PAGES + "1,a,,2024-02-01 10:00:00,\n"
    omnishop.deliver("web_pages/1.csv", content)
    omnishop.land()
    omnishop.deliver("web_pages/2.csv", content)
    report = omnishop.land(LATE)
    assert report.tables["web_pages"].new_files == 0
    assert omnishop.value("select count(*) from raw.omnishop__web_pages") == 1


def test_an_event_that_names_an_unknown_campaign_product_or_customer_is_kept(omnishop):
    omnishop.deliver(
        "web_tracks/1.csv",
        "id,anonymous_id,user_id,timestamp,event_text,product_id\n"
        "1,a,nobody,2024-02-01 10:00:00,Product Viewed,nothing\n",
    )
    omnishop.deliver(
        "email_events/1.csv",
        "id,profile_id,metric,datetime,campaign_id\n1,k,Opened Email,2024-02-01 10:00:00,never\n",
    )
    report = omnishop.land()
    assert report.tables["web_tracks"].landed == 1
    assert report.tables["email_events"].landed == 1
    assert not omnishop.quarantine()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 300_000,
        "Στείλτε μου το δέμα · 包裹在哪里 · أين طلبي",
        "<script>alert(1)</script><b>late</b> &amp; broken",
        "bell \x07, escape \x1b[31m, tab \t, zero\u200bwidth and \U0001f4e6",
        'she said "no",\nthen left',
    ],
    ids=["huge", "scripts", "html", "control characters", "quotes and lines"],
)
def test_text_of_any_kind_lands_as_it_came(omnishop, text):
    quoted = text.replace('"', '""')
    omnishop.deliver(
        "helpdesk_tickets/1.csv",
        f'id,requester_id,description,created_at\n1,9,"{quoted}",2024-02-01 10:00:00\n'
        '2,9,"",2024-02-01 10:00:00\n',
    )
    omnishop.land()
    assert omnishop.rows("select description from raw.omnishop__helpdesk_tickets order by id") == [
        (text,),
        (None,),
    ]


def test_contradicting_consents_are_all_kept_with_their_times(omnishop):
    head = "id,identifier_type,identifier,purpose,status,interaction_date\n"
    omnishop.deliver(
        "consent_receipts/1.csv",
        head
        + "1,email,a@mail.example,email,granted,2024-02-01 10:00:00\n"
        + "2,email,a@mail.example,email,denied,2024-02-01 10:00:00\n"
        + "3,email,a@mail.example,email,withdrawn,2024-01-01 10:00:00\n",
    )
    omnishop.land()
    assert omnishop.rows(
        "select status from raw.omnishop__consent_receipts order by interaction_date, id"
    ) == [("withdrawn",), ("granted",), ("denied",)]


def test_most_orders_settle_the_currency_and_others_need_a_rate(omnishop):
    omnishop.deliver(
        "shop_orders/1.csv",
        ORDERS
        + "1,7,2024-02-01 10:00:00,eur,20\n2,7,2024-02-01 11:00:00,EUR,20\n"
        + "3,7,2024-02-02 10:00:00,gbp,20\n",
    )
    report = omnishop.land()
    assert report.reporting_currency == "EUR"
    held = [("shop_orders", "shop_orders/1.csv", 3, "currency", "currency_has_a_rate")]
    assert omnishop.quarantine() == held
    omnishop.deliver("fx_rates/1.csv", "rate_date,currency,rate\n2024-02-01,GBP,1.15\n")
    report = omnishop.land(LATE)
    assert report.tables["shop_orders"].released == 1
    assert not omnishop.quarantine()


def test_the_newest_version_of_a_record_that_came_twice_is_what_is_judged(omnishop):
    head = "id,email,created_at,updated_at\n"
    row = "7,old@mail.example,2024-01-01,2024-01-01\n"
    omnishop.deliver("shop_customers/1.csv", head + row)
    omnishop.deliver("shop_customers/2.csv", head + row.replace("old", "new"))
    omnishop.land()
    table = load_contracts().tables["raw.omnishop__shop_customers"]
    assert sample_newest(omnishop.connection, table, 100)["email"].tolist() == ["new@mail.example"]


def test_several_sources_live_in_one_warehouse_and_do_not_mix(omnishop, tmp_path):
    other = tmp_path / "own"
    other.mkdir()
    (other / "orders.csv").write_text(
        "order_id,source_customer_id,ordered_at,order_amount,currency\n"
        "1,7,2024-02-01 10:00:00,9,USD\n2,7,2024-02-01 10:00:00,9,EUR\n"
    )
    omnishop.land()
    report = land_source(omnishop.connection, "standard", other, load_contracts(), CLOCK)
    assert report.reporting_currency == "EUR"  # the first landing has settled it
    assert report.tables["orders"].quarantined == 1  # dollars have no rate
    assert omnishop.value("select count(*) from raw.omnishop__shop_orders") == 1
    assert omnishop.value("select count(*) from raw.standard__orders") == 1

"""D and the first date for training, from what is in raw."""

import datetime

import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.home import ConfigurationError, Home
from segmentry.landing.source import land_source
from segmentry.models.planning import date_to_build
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.facts import first_order_date


@pytest.fixture
def warehouse(tmp_path):
    """One order on 10 January, a page view on 8 and one on 20 January, a rate of the 31st."""
    files = {
        "shop_orders": "id,created_at,currency,total_price\n1,2024-01-10 10:00:00,EUR,5\n",
        "web_pages": "id,anonymous_id,timestamp\n1,a,2024-01-08 09:00\n2,a,2024-01-20 23:59\n",
        "fx_rates": "rate_date,currency,rate\n2024-01-31,USD,0.9\n",
    }
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_text(content)
    found = Warehouse(Home(tmp_path / "home"))
    clock = datetime.datetime(2024, 3, 1)
    with found.connect() as connection:
        land_source(connection, "omnishop", tmp_path, load_contracts(), clock)
    return found


def test_d_is_the_day_after_the_newest_event_of_any_kind_and_training_begins_with_orders(warehouse):
    assert date_to_build(warehouse, None) == datetime.date(2024, 1, 21)
    assert first_order_date(warehouse) == datetime.date(2024, 1, 10)


def test_a_date_up_to_the_newest_event_may_be_asked_for(warehouse):
    assert date_to_build(warehouse, "2024-01-15") == datetime.date(2024, 1, 15)
    for outside in ("2024-01-10", "2024-01-22"):
        with pytest.raises(ConfigurationError, match="orders begin on 2024-01-10"):
            date_to_build(warehouse, outside)

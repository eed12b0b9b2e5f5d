"""Shopify: customers, orders, their lines, refunds."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simulation.baskets import BLOCK_ORDERS, CHANNELS, ORDER, Baskets
from simulation.campaigns import Calendar
from simulation.catalogue import Catalogue
from simulation.columns import (
    DAY,
    Ints,
    Texts,
    blank,
    choose,
    digits,
    either,
    iso_times,
    join,
    money,
)
from simulation.dirt import HOUSE_ADDRESSES, in_some_format, repeats, with_placeholders
from simulation.names import COUNTRIES, CURRENCIES
from simulation.output import Output
from simulation.people import People, World
from simulation.truth import Truth, person_ids

CUSTOMER = 6_100_000_000_000
TILLS = ["68012001", "68012002", "68012003"]


def customer_ids(people: People, person: npt.ArrayLike) -> Texts:
    """Shopify's ids of the accounts of the people at these positions."""
    return digits(CUSTOMER + 13 * people.number[np.asarray(person, np.int64)])


def email_on(people: People, person: Ints, day: Ints) -> Texts:
    """The address each person gives on that day."""
    at = pa.array(person)
    return either(day >= people.email_day[person], people.new_email.take(at), people.email.take(at))


def export_orders(
    world: World,
    block: int,
    people: People,
    baskets: Baskets,
    calendar: Calendar,
    output: Output,
    truth: Truth,
) -> None:
    """Write the orders: guests without an account, some cancelled, a few tests of the till."""
    rng = world.rng(block, "orders")
    rows, person = len(baskets), baskets.person
    day = baskets.second // DAY - world.start
    nameless = (baskets.channel == 1) & baskets.is_guest
    elsewhere = baskets.is_guest & (people.number[person] % 4 == 0)
    email = either(
        elsewhere, people.other_email.take(pa.array(person)), email_on(people, person, day)
    )
    email, real = with_placeholders(blank(nameless, email), 0.005, rng, HOUSE_ADDRESSES)
    by_home = rng.random(rows) < 0.12
    number = either(
        by_home, people.landline.take(pa.array(person)), people.phone.take(pa.array(person))
    )
    tells = (rng.random(rows) < 0.6) & (people.has_mobile[person] | by_home) & ~nameless
    phone, real_phone = with_placeholders(blank(~tells, in_some_format(number, rng)), 0.002, rng)
    who = person_ids(people, person)
    truth.add("shop", "email", email, who, real)
    truth.add("shop", "phone", phone, who, real_phone)
    at = pa.array(person)
    cancelled = rng.random(rows) < 0.02
    subtotal = baskets.amount
    saved = np.bincount(baskets.order, baskets.discount, rows)
    online = baskets.channel != 1
    columns = {
        "id": digits(baskets.number),
        "name": join("#", digits(baskets.number - ORDER + 1001)),
        "email": email,
        "phone": phone,
        "customer__id": blank(baskets.is_guest, customer_ids(people, person)),
        "created_at": iso_times(baskets.second),
        "updated_at": iso_times(baskets.second + np.where(cancelled, 6 * 3600, 0)),
        "processed_at": iso_times(baskets.second + 30),
        "cancelled_at": iso_times(baskets.second + 6 * 3600, ~cancelled),
        "currency": choose([CURRENCIES[one] for one in COUNTRIES], people.country[person]),
        "total_price": money(subtotal),
        "subtotal_price": money(subtotal),
        "total_discounts": money(saved),
        "financial_status": choose(["paid", "voided"], cancelled.astype(int)),
        "test": pa.array(np.zeros(rows, bool)),
        "source_name": choose(CHANNELS, baskets.channel),
        "location_id": choose(TILLS, np.where(online, -1, person % 3)),
        "discount_code": choose(calendar.codes(), baskets.campaign),
        "landing_site": choose(["/", "/collections/all", "/?utm_source=klaviyo"],
                               np.where(online, rng.integers(0, 3, rows), -1)),
        "user_agent": choose(["Mozilla/5.0 (synthetic)", "Omnishop/4.2 (synthetic)"],
                             np.where(online, baskets.channel // 2, -1)),
        "shipping_first_name": blank(~online, people.first_name.cast(pa.string()).take(at)),
        "shipping_last_name": blank(~online, people.last_name.cast(pa.string()).take(at)),
        "shipping_address1": blank(~online, people.street.take(at)),
        "shipping_city": blank(~online, people.city.cast(pa.string()).take(at)),
        "shipping_province": blank(~online, people.region.cast(pa.string()).take(at)),
        "shipping_zip": blank(~online, people.postcode.take(at)),
        "shipping_country_code": choose(COUNTRIES, np.where(online, people.country[person], -1)),
    }  # fmt: skip
    output.write("shop_orders", columns)
    output.write("shop_orders", repeats(columns, rng), "repeated")
    tests = repeats(columns, rng)
    count = len(tests["id"]) if isinstance(tests["id"], pa.Array) else 0
    tests |= {
        "id": digits(ORDER + block * BLOCK_ORDERS + rows + np.arange(count)),
        "test": pa.array(np.ones(count, bool)),
        "email": "test@omnishop.example",
        "phone": None,
        "customer__id": None,
    }
    output.write("shop_orders", tests, "till")


def export_lines(baskets: Baskets, catalogue: Catalogue, output: Output) -> None:
    """Write the lines of the orders."""
    number = baskets.number[baskets.order]
    product = catalogue.ids(baskets.product)
    output.write(
        "shop_order_lines",
        {
            "id": digits(number * 20 + baskets.position),
            "order_id": digits(number),
            "position": pa.array(baskets.position.astype(np.int32)),
            "product_id": product,
            "sku": choose([f"SKU-{n:05}" for n in range(len(catalogue))], baskets.product),
            "title": catalogue.titles(baskets.product),
            "quantity": pa.array(baskets.quantity.astype(np.int32)),
            "price": money(baskets.price),
            "total_discount": money(baskets.discount),
        },
    )


def export_refunds(world: World, block: int, baskets: Baskets, output: Output) -> None:
    """Write refunds: one line in thirty, one in three of an order that went wrong."""
    rng = world.rng(block, "refunds")
    share = np.where(baskets.is_bad[baskets.order], 0.33, 0.03)
    line = np.flatnonzero(rng.random(len(baskets.order)) < share)
    order = baskets.order[line]
    amount = baskets.price[line] * baskets.quantity[line] - baskets.discount[line]
    number = baskets.number[order] * 20 + baskets.position[line]
    second = baskets.second[order] + rng.integers(3 * DAY, 21 * DAY, len(line))
    there = second < (world.start + world.days) * DAY
    line, amount, number, second = line[there], amount[there], number[there], second[there]
    output.write(
        "shop_refunds",
        {
            "id": digits(number + 7),
            "order_id": digits(baskets.number[baskets.order[line]]),
            "line_item_id": digits(number),
            "created_at": iso_times(second),
            "quantity": pa.array(baskets.quantity[line].astype(np.int32)),
            "subtotal": money(amount),
            "note": choose(["damaged", "wrong size", "changed my mind", None],
                           rng.integers(0, 4, len(line))),
        },
    )  # fmt: skip

"""What is in each order, and what it costs: everyone's own taste, and what goes with the last."""

from dataclasses import dataclass

import numpy as np

from simulation.behaviour import Life
from simulation.catalogue import CATEGORIES, PER_CATEGORY, Catalogue
from simulation.columns import DAY, Floats, Ints, Mask
from simulation.people import People, World

ORDER = 5_200_000_000_000
BLOCK_ORDERS = 20_000_000
CHANNELS = ["web", "pos", "iphone"]
PRICES_IN = np.array([1.0, 0.86, 1.0])  # GBP to the euro, by country


@dataclass(frozen=True)
class Baskets:
    """The orders of a block with their lines, in order of person and time.

    number: of the order, never the same in two blocks. channel indexes CHANNELS. is_guest: not
    logged in. order: position of each line's order. amount: what each order costs, in its currency.
    """

    number: Ints
    person: Ints
    second: Ints
    is_bad: Mask
    campaign: Ints
    channel: Ints
    is_guest: Mask
    order: Ints
    position: Ints
    product: Ints
    quantity: Ints
    price: Floats
    discount: Floats
    amount: Floats

    def __len__(self) -> int:
        return len(self.number)


def novelty_of(people: People) -> Floats:
    """How much each person is drawn to new arrivals, 0..1: one in five is keen on them."""
    return np.where(people.number % 5 == 0, 0.5, 0.06)


def fill_baskets(
    world: World, block: int, people: People, life: Life, catalogue: Catalogue
) -> Baskets:
    """Draw what is in each order: own categories and brand, and what goes with the last basket."""
    rng = world.rng(block, "baskets")
    orders = life.orders
    channel = rng.choice(3, len(orders), p=[0.72, 0.18, 0.1])
    channel = np.where((channel == 2) & ~people.has_app[orders.person], 0, channel)
    is_guest = ~people.has_account[orders.person] | (rng.random(len(orders)) < 0.06)
    count = np.minimum(rng.geometric(0.34, len(orders)), 14)
    order = np.arange(len(orders)).repeat(count)
    person, day = orders.person[order], orders.second[order] // DAY
    liking = rng.random(len(order))
    category = np.where(
        liking < 0.6,
        people.category[person],
        np.where(liking < 0.85, people.second_category[person], rng.integers(0, 16, len(order))),
    )
    novelty = novelty_of(people)[person]
    product = catalogue.draw(category, people.brand[person], day, novelty, rng)
    follows = (rng.random(len(order)) < 0.25) & (np.roll(person, 1) == person)
    product = np.where(follows, catalogue.companion[np.roll(product, 1)], product)
    quantity = np.minimum(rng.geometric(0.75, len(order)), 6)
    price = catalogue.price[product] * PRICES_IN[people.country[person]]
    price = np.round(price, 2)
    saved = (orders.campaign >= 0)[order] * 0.2
    discount = np.round(price * quantity * saved, 2)
    return Baskets(
        number=ORDER + block * BLOCK_ORDERS + np.arange(len(orders)),
        person=orders.person,
        second=orders.second + world.start * DAY,
        is_bad=orders.is_bad,
        campaign=orders.campaign,
        channel=channel,
        is_guest=is_guest,
        order=order,
        position=np.arange(len(order)) - (np.cumsum(count) - count).repeat(count) + 1,
        product=product,
        quantity=quantity,
        price=price,
        discount=discount,
        amount=np.bincount(order, price * quantity - discount, len(orders)).astype(np.float64),
    )


def expected_order_value(people: People, baskets: Baskets, catalogue: Catalogue) -> Floats:
    """What an order of each person is expected to cost, in their currency, by their tastes."""
    category = baskets.product // PER_CATEGORY
    worth = catalogue.price[baskets.product] * baskets.quantity
    count = np.maximum(np.bincount(category, minlength=len(CATEGORIES)), 1)
    line = np.bincount(category, worth, len(CATEGORIES)) / count
    liked = 0.6 * line[people.category] + 0.25 * line[people.second_category]
    lines = len(baskets.order) / max(1, len(baskets))
    return np.asarray(lines * (liked + 0.15 * line.mean()) * PRICES_IN[people.country])

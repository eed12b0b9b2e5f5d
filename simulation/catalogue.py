"""What the shop sells: categories, brands, prices, when an article is new, what goes with what."""

from dataclasses import dataclass

import numpy as np

from simulation.columns import Floats, Ints, Texts, choose, iso_times, join, money
from simulation.output import Output

CATEGORIES = (
    "Running", "Hiking", "Cycling", "Swimming", "Yoga", "Camping", "Kitchen", "Coffee",
    "Garden", "Books", "Toys", "Audio", "Lighting", "Bedding", "Stationery", "Pets",
)  # fmt: skip
BRANDS = (
    "Northfell", "Auravia", "Kestrel & Co", "Lumo", "Bergwerk", "Marlowe", "Tidewater", "Oakline",
    "Pippin", "Solvane", "Fjordly", "Hearthside",
)  # fmt: skip
NOUNS = (
    ("Shoes", "Jersey", "Shorts", "Belt"), ("Boots", "Poles", "Jacket", "Pack"),
    ("Helmet", "Lamp", "Pump", "Gloves"), ("Goggles", "Suit", "Fins", "Towel"),
    ("Mat", "Block", "Strap", "Leggings"), ("Tent", "Stove", "Lantern", "Mattress"),
    ("Pan", "Knife", "Bowl", "Grater"), ("Beans", "Grinder", "Dripper", "Cups"),
    ("Seeds", "Shears", "Hose", "Planter"), ("Novel", "Atlas", "Cookbook", "Guide"),
    ("Puzzle", "Train", "Blocks", "Kite"), ("Headphones", "Speaker", "Turntable", "Cable"),
    ("Lamp", "Bulb", "Lantern", "Strip"), ("Duvet", "Pillow", "Sheet", "Blanket"),
    ("Notebook", "Pen", "Planner", "Ink"), ("Collar", "Bed", "Treats", "Leash"),
)  # fmt: skip
STYLES = ("Classic", "Light", "Pro", "Eco", "Mini", "Trail", "Home", "Duo", "Prime", "Soft")
PER_CATEGORY = 60
PRODUCT = 7_800_000_000_000


@dataclass(frozen=True)
class Catalogue:
    """Articles in order of category and, within it, of the day they came.

    launched: day of each (category, place), counted from the first day of the world. companion:
    the article that is often bought next after each article.
    """

    launched: Ints
    price: Floats
    brand: Ints
    companion: Ints
    start: int

    def __len__(self) -> int:
        return len(self.price)

    def ids(self, product: Ints) -> Texts:
        """Shopify's ids of articles."""
        return choose([str(PRODUCT + 37 * n) for n in range(len(self))], product)

    def titles(self, product: Ints) -> Texts:
        """What the articles are called."""
        return choose([self.title(n) for n in range(len(self))], product)

    def title(self, product: int) -> str:
        """What one article is called."""
        category, place = divmod(product, PER_CATEGORY)
        noun = NOUNS[category][place % 4]
        return f"{BRANDS[self.brand[product]]} {STYLES[place % 10]} {noun} {place + 1}"

    def draw(
        self, category: Ints, brand: Ints, day: Ints, novelty: Floats, rng: np.random.Generator
    ) -> Ints:
        """One article for each row: of the category, there on that day, by popularity and brand."""
        rows = len(category)
        there = np.array(
            [np.searchsorted(one, np.arange(self.launched.max() + 2), "right")
             for one in self.launched.reshape(-1, PER_CATEGORY)]
        )  # fmt: skip
        count = there[category, np.clip(day, 0, there.shape[1] - 1)]
        popular = (count * rng.random(rows) ** 1.8).astype(np.int64)
        new = count - 1 - (np.minimum(count, 6) * rng.random(rows) ** 1.5).astype(np.int64)
        place = np.where(rng.random(rows) < novelty, new, popular)
        favoured = place - (place - brand) % len(BRANDS)
        keeps = (rng.random(rows) < 0.4) & (favoured >= 0)
        return category * PER_CATEGORY + np.where(keeps, favoured, place)


def draw_catalogue(seed: int, start: int, days: int) -> Catalogue:
    """The articles: two in three are there from the start, the others arrive over time."""
    rng = np.random.default_rng([seed, 1])
    count = len(CATEGORIES) * PER_CATEGORY
    launched = np.where(
        np.arange(PER_CATEGORY) < 40, -400, rng.integers(1, max(2, days), (len(CATEGORIES), 60))
    )
    launched[:, :40] += rng.integers(0, 390, (len(CATEGORIES), 40))
    place = np.tile(np.arange(PER_CATEGORY), len(CATEGORIES))
    level = rng.uniform(8, 60, len(CATEGORIES)).repeat(PER_CATEGORY)
    companion = (np.arange(count) + PER_CATEGORY * 3 + 7) % count
    return Catalogue(
        launched=np.sort(launched, axis=1).reshape(-1),
        price=np.round(level * rng.lognormal(0, 0.45, count)) + 0.99,
        brand=place % len(BRANDS),
        companion=companion - np.where(companion % PER_CATEGORY >= 40, 30, 0),
        start=start,
    )


def export_catalogue(catalogue: Catalogue, output: Output) -> None:
    """Shopify's products; a few without a type or a vendor."""
    count = len(catalogue)
    number = np.arange(count)
    launched = (catalogue.launched + catalogue.start) * 86_400 + 7 * 3600
    category = number // PER_CATEGORY
    output.write(
        "shop_products",
        {
            "id": catalogue.ids(number),
            "title": catalogue.titles(number),
            "product_type": choose(CATEGORIES, np.where(number % 97 == 5, -1, category)),
            "product_category": choose([f"Shop > {one}" for one in CATEGORIES], category),
            "vendor": choose(BRANDS, np.where(number % 89 == 7, -1, catalogue.brand)),
            "tags": join(
                choose(STYLES, number % 10), ", ", choose(["basic", "gift", "season"], number % 3)
            ),
            "price": money(catalogue.price),
            "status": choose(["active", "draft"], (number % 211 == 9).astype(int)),
            "created_at": iso_times(launched - 86_400),
            "published_at": iso_times(launched),
            "updated_at": iso_times(launched),
        },
    )

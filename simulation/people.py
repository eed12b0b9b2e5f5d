"""Who the customers are: kinds, households, names, addresses, when they join, what they like."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.catalogue import BRANDS, CATEGORIES
from simulation.columns import Floats, Ints, Mask, Texts, choose, digits, either, join, plain
from simulation.kinds import CODE, KINDS
from simulation.names import (
    CITIES,
    COUNTRIES,
    FIRST_NAMES,
    LAST_NAMES,
    MAIL_DOMAINS,
    REGIONS,
    STREETS,
)

COMPANY_SHARE = 0.05
NEVER = 1_000_000


@dataclass(frozen=True)
class World:
    """What is asked for: numbers of customers and days, the seed, the first day since 1970."""

    customers: int
    days: int
    seed: int
    start: int

    def rng(self, block: int, part: str) -> np.random.Generator:
        """The stream of random numbers of one part of one block: parts do not disturb another."""
        return np.random.default_rng([self.seed, block, *part.encode()])


@dataclass(frozen=True)
class People:
    """One block of customers, a column per attribute; days count from the first day of the world.

    head: position of the first person of the household; company: number of the company, or -1.
    email is the address they gave first, new_email the one since email_day, other_email a second
    one that some use as guests.
    """

    number: Ints
    kind: Ints
    head: Ints
    company: Ints
    country: Ints
    first: Ints
    first_name: Texts
    last_name: Texts
    birth: Ints
    street: Texts
    city: Texts
    region: Texts
    postcode: Texts
    email: Texts
    new_email: Texts
    other_email: Texts
    email_day: Ints
    phone: Texts
    landline: Texts
    joined: Ints
    energy: Floats
    season: Ints
    category: Ints
    second_category: Ints
    brand: Ints
    has_account: Mask
    has_mobile: Mask
    has_app: Mask
    shares_tablet: Mask
    business: Mask

    def __len__(self) -> int:
        return len(self.number)

    def trait(self, name: str) -> Floats:
        """An attribute of each person's kind."""
        return np.array([getattr(kind, name) for kind in KINDS], np.float64)[self.kind]

    def is_kind(self, name: str) -> Mask:
        """Who is of this kind."""
        return np.asarray(self.kind == CODE[name])


def _households(size: int, rng: np.random.Generator) -> Ints:
    """The position of the first member of everybody's household; one in five live with others."""
    opens = rng.random(size) > 0.14
    opens[:1] = True
    head = np.maximum.accumulate(np.where(opens, np.arange(size), 0))
    crowded = np.arange(size) - head > 3
    return np.where(crowded, np.arange(size), head)


def _phones(number: Ints, country: Ints) -> tuple[Texts, Texts]:
    """A mobile number and a landline for each number, in E.164 and valid in shape.

    No mobile number comes twice; a British landline may, in another household.
    """
    scrambled = (number * 7_654_321 + 1_234_567) % 10_000_000
    seven, eight = digits(scrambled, 7), digits(40_000_000 + scrambled, 8)
    british, french = country == 1, country == 2
    mobile = either(british, join("+4474", eight), join("+491512", seven))
    landline = either(
        british, join("+441133", digits(scrambled % 1_000_000, 6)), join("+4930", seven)
    )
    return either(french, join("+336", eight), mobile), either(
        french, join("+331", eight), landline
    )


def _places(
    head: Ints, country: Ints, rng: np.random.Generator
) -> tuple[Texts, Texts, Texts, Texts]:
    """Street with house number, city, region and postcode, one address for each household."""
    size = len(head)
    house = digits(rng.integers(1, 160, size)[head])
    pick, spot = rng.random(size)[head], rng.random(size)[head]
    code = rng.integers(0, 1000, size)[head]
    streets: list[str] = [street for one in COUNTRIES for street in STREETS[one]]
    cities = [city for one in COUNTRIES for city in CITIES[one]]
    street_counts = np.array([len(STREETS[one]) for one in COUNTRIES])
    city_counts = np.array([len(CITIES[one]) for one in COUNTRIES])
    first_street = np.concatenate([[0], np.cumsum(street_counts)])[country]
    first_city = np.concatenate([[0], np.cumsum(city_counts)])[country]
    name = choose(streets, first_street + (pick * street_counts[country]).astype(np.int64))
    at = first_city + (spot * city_counts[country]).astype(np.int64)
    prefixes = [prefix for one in COUNTRIES for prefix in CITIES[one].values()]
    continental = join(choose(prefixes, at), digits(code, 3))
    british = join(choose(prefixes, at), digits(1 + code % 20), " ", digits(1 + code // 111), "AB")
    street = either(country == 0, join(name, " ", house), join(house, " ", name))
    return (
        street,
        choose(cities, at),
        choose([REGIONS[city] for city in cities], at),
        either(country == 1, british, continental),
    )


def _addresses(first: Texts, last: Texts, number: Ints, rng: np.random.Generator) -> list[Texts]:
    """Three mail addresses for each person, none of them anybody else's."""
    size = len(number)
    given, family = (pa.compute.utf8_lower(plain(one)) for one in (first, last))
    for letter, ascii_letters in zip("äöüßéè", ("ae", "oe", "ue", "ss", "e", "e"), strict=True):
        given = pa.compute.replace_substring(given, letter, ascii_letters)
        family = pa.compute.replace_substring(family, letter, ascii_letters)
    initial = pa.compute.utf8_slice_codeunits(given, 0, 1)
    # Multiplying by a number modulo a larger prime keeps them apart, and unlike each other.
    tails = [digits(number * factor % 9_999_991) for factor in (1_234_567, 7_654_321, 4_242_421)]
    forms = (
        join(given, ".", family, tails[0]),
        join(initial, family, ".", tails[1]),
        join(family, "_", given, tails[2]),
    )
    return [
        join(form, "@", choose(MAIL_DOMAINS, rng.choice(5, size, p=[0.4, 0.25, 0.15, 0.1, 0.1])))
        for form in forms
    ]


def draw_people(world: World, block: int, first: int, size: int) -> People:
    """The customers numbered first .. first + size - 1."""
    rng = world.rng(block, "people")
    number = np.arange(first, first + size)
    kind = rng.choice(len(KINDS), size, p=[one.share for one in KINDS])
    head = _households(size, rng)
    country = rng.choice(3, size, p=[0.5, 0.3, 0.2])[head]
    member = np.arange(size) - head
    at = (rng.integers(0, len(FIRST_NAMES), size)[head] + member * 29) % len(FIRST_NAMES)
    family = rng.integers(0, len(LAST_NAMES), size)
    family = np.where(rng.random(size) < 0.85, family[head], family)
    first_name, last_name = choose(FIRST_NAMES, at), choose(LAST_NAMES, family)
    street, city, region, postcode = _places(head, country, rng)
    mobile, landline = _phones(number, country)
    email, new_email, other_email = _addresses(first_name, last_name, number, rng)
    joined = np.where(
        rng.random(size) < 0.65,
        rng.integers(-900, 0, size),
        rng.integers(0, max(1, int(world.days * 0.85)), size),
    )
    changes = rng.random(size) < 0.06
    email_day = np.where(changes, rng.integers(20, max(21, world.days), size), NEVER)
    business = rng.random(size) < COMPANY_SHARE
    rank = np.cumsum(business) - 1
    together = np.arange(size) - head > 0
    category = rng.integers(0, len(CATEGORIES), size)
    return People(
        number=number,
        kind=kind,
        head=head,
        company=np.where(business, rank // 4, -1),
        country=country,
        first=at,
        first_name=first_name,
        last_name=last_name,
        birth=rng.integers(-14_600, 12_700, size),
        street=street,
        city=city,
        region=region,
        postcode=postcode,
        email=email,
        new_email=new_email,
        other_email=other_email,
        email_day=np.where(email_day > joined + 10, email_day, NEVER),
        phone=mobile,
        landline=plain(landline).take(pa.array(head)),
        joined=joined,
        energy=np.clip(rng.gamma(1.6, 1 / 1.6, size), 0.1, 8.0),
        season=rng.integers(0, 365, size),
        category=category,
        second_category=(category + 1 + rng.integers(0, 3, size)) % len(CATEGORIES),
        brand=rng.integers(0, len(BRANDS), size),
        has_account=rng.random(size) < np.array([one.account for one in KINDS])[kind],
        has_mobile=rng.random(size) < 0.72,
        has_app=rng.random(size) < 0.35,
        shares_tablet=(together | np.roll(together, -1)) & (rng.random(size) < 0.75)[head],
        business=business,
    )

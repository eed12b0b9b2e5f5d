"""How systems spoil what people tell them: phone formats, placeholders, repeats, late arrivals."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.columns import DAY, Ints, Mask, Texts, choose, either, join, misspelt, plain
from simulation.names import NICKNAMES
from simulation.output import Columns

PLACEHOLDERS = ("anonymous", "null", "0", "0000", "-1", "n/a", "unknown")
HOUSE_ADDRESSES = ("noreply@omnishop.example", "info@omnishop.example")
SHORT_STREETS = {
    "straße": "str.", "Street": "St", "Road": "Rd", "Avenue": "Ave", "Lane": "Ln",
    "rue": "r.", "avenue": "av.", "place": "pl.",
}  # fmt: skip
REPEATED = 0.005


def in_some_format(phone: Texts, rng: np.random.Generator) -> Texts:
    """E.164 numbers the way people type them: national, with 00, spaces or brackets."""
    country = pc.utf8_slice_codeunits(phone, 0, 3)
    area, rest = pc.utf8_slice_codeunits(phone, 3, 6), pc.utf8_slice_codeunits(phone, 6)
    digits_only = pc.utf8_slice_codeunits(phone, 1)
    style = rng.choice(5, len(phone), p=[0.45, 0.2, 0.1, 0.15, 0.1])
    forms = (
        join("0", area, rest),
        join("00", digits_only),
        join(country, " ", area, " ", rest),
        join("(0", area, ") ", rest),
    )
    result = phone
    for number, form in enumerate(forms, start=1):
        result = either(style == number, form, result)
    return result


def with_placeholders(
    texts: Texts, share: float, rng: np.random.Generator, also: tuple[str, ...] = ()
) -> tuple[Texts, Mask]:
    """The texts, a share of them replaced by what systems write for nobody; and which are real."""
    fillers = PLACEHOLDERS + also
    spoilt = rng.random(len(texts)) < share
    filler = choose(fillers, rng.integers(0, len(fillers), len(texts)))
    return either(spoilt, filler, texts), ~spoilt


def written_down(
    streets: Texts, short: float, wrong: float, rng: np.random.Generator
) -> pa.StringArray:
    """Street addresses as clerks type them: a share with the word for street cut short, a share
    with a slip."""
    cut = plain(streets)
    for word, abbreviation in SHORT_STREETS.items():
        cut = pc.replace_substring(cut, word, abbreviation)
    typed = either(rng.random(len(streets)) < short, cut, streets)
    return either(rng.random(len(streets)) < wrong, misspelt(typed, rng), typed)


def nickname_of(first_names: Texts) -> Texts:
    """The short form of each first name that has one, the name itself otherwise."""
    names = plain(first_names)
    short = choose(
        list(NICKNAMES.values()),
        pc.fill_null(pc.index_in(names, pa.array(list(NICKNAMES))), -1).to_numpy(False),
    )
    return pc.coalesce(plain(short), names)


def arrival(seconds: Ints, rng: np.random.Generator) -> Ints:
    """When the collector got each event: within seconds, one in fifty only days later."""
    late = rng.random(len(seconds)) < 0.02
    days = rng.integers(1, 6, len(seconds)) * DAY
    return np.asarray(seconds + rng.integers(1, 8, len(seconds)) + np.where(late, days, 0))


def repeats(columns: Columns, rng: np.random.Generator) -> Columns:
    """A few of the rows once more, unchanged: a sender that was not sure they had arrived."""
    rows = next(len(column) for column in columns.values() if isinstance(column, pa.Array))
    again = pa.array(np.flatnonzero(rng.random(rows) < REPEATED))
    return {
        name: column.take(again) if isinstance(column, pa.Array) else column
        for name, column in columns.items()
    }

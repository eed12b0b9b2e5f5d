"""Whatever the rows and however they are split into files: nothing is lost, nothing is doubled."""

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.segmentry.landing.shop import CLOCK, ORDERS, Shop

GOOD = st.builds(
    lambda key, day, cents: f"A{key},C{key % 3},2024-01-{day:02d},{cents / 100}",
    st.integers(0, 30),
    st.integers(1, 28),
    st.integers(0, 3),
)
BAD = st.sampled_from(
    [
        "B1,C1,2024-01-05,abc",
        "B2,C1,2024-02-31,1",
        ",C1,2024-01-05,1",
        "B4,,2024-01-05,1",
        "B5,C1,2030-01-01,1",
        "B6,C1,2024-01-05",
        "B7,C1,2024-01-05,1,2",
        '"B,8",C1,infinity,1',
    ]
)
ANCHOR = "Z1,C1,2024-01-05,1"  # a landing of orders needs one good row
CURRENT = """
    select * exclude (_loaded_at, _file, _row, _version) from raw.standard__orders
    qualify row_number() over (partition by order_id order by _version desc) = 1 order by all
"""


def landed(folder: Path, files: list[list[str]]) -> Shop:
    shop = Shop(folder)
    for number, lines in enumerate(files):
        shop.deliver(f"orders/{number:02d}.csv", "\n".join([ORDERS, *lines]) + "\n")
    shop.land()
    return shop


def keep_first(lines: list[str]) -> list[str]:
    """Rows without a second, differing one of a key: across files that is a new version."""
    seen: dict[str, str] = {}
    return [line for line in lines if seen.setdefault(line.split(",")[0], line) == line]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(GOOD, GOOD, BAD), max_size=40))
def test_landed_quarantined_and_repeated_rows_are_all_rows(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = landed(Path(folder), [[ANCHOR, *lines]])
        ledger = shop.rows(
            "select row_count, landed_count + duplicate_count + changed_count + "
            "quarantined_count, landed_count, quarantined_count from ops.loaded_files"
        )
        rows = shop.value("select count(*) from raw.standard__orders")
        held = shop.value(
            "select count(*) from (select distinct digest, row_number from ops.quarantined_rows)"
        )
        assert ledger == [(len(lines) + 1, len(lines) + 1, rows, held)]
        keys = shop.value("select count(distinct order_id) from raw.standard__orders")
        assert keys == rows == len({line.split(",")[0] for line in lines if line[0] == "A"}) + 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(GOOD, GOOD, BAD), max_size=40), st.lists(st.integers(0, 3), min_size=41))
def test_any_split_into_files_gives_the_same_current_rows(
    lines: list[str], places: list[int]
) -> None:
    rows = [ANCHOR, *keep_first(lines)]
    files: list[list[str]] = [[], [], [], []]
    for line, place in zip(rows, places, strict=False):
        files[place].append(line)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as several:
        whole = landed(Path(one), [rows])
        split = landed(Path(several), files)
        assert split.rows(CURRENT) == whole.rows(CURRENT)
        split.land(CLOCK + timedelta(hours=1))
        assert split.rows(CURRENT) == whole.rows(CURRENT)

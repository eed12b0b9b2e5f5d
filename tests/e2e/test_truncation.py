"""The whole line knows nothing of the future: what a run said of a date is what a run on files that
end there says of it, from features to memberships."""

import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd
import pytest

from segmentry.project.vocabulary import (
    CLUSTERINGS,
    NEXT_PRODUCTS,
    feature_columns,
    written_segments,
)
from tests.conftest import segmentry

KEYS = ["customer_id", "as_of_date"]


class Homes(NamedTuple):
    """One shop twice: with all of its orders, and with those before `cut` alone."""

    full: Path
    cut_off: Path
    cut: datetime.date

    def read(self, home: Path, sql: str) -> pd.DataFrame:
        with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).df()

    def both(self, sql: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        return self.read(self.full, sql), self.read(self.cut_off, sql)


@pytest.fixture(scope="module")
def homes(shop_home, tmp_path_factory) -> Homes:
    folder = tmp_path_factory.mktemp("cut_off")
    with duckdb.connect(str(shop_home / "warehouse.duckdb"), read_only=True) as connection:
        first = connection.execute("select min(as_of_date) from models.customer_scores").fetchone()
    assert first is not None
    orders = pd.read_csv(shop_home.parent / "landing/orders/orders.csv")
    known = orders[orders["ordered_at"] < str(first[0])]
    assert 0.8 * len(orders) < len(known) < len(orders)
    (folder / "landing/orders").mkdir(parents=True)
    known.to_csv(folder / "landing/orders/orders.csv", index=False)
    segmentry(
        *("run", "--source", "standard", "--landing", str(folder / "landing")),
        *("--as-of", str(first[0]), "--home", str(folder / "home")),
    )
    return Homes(shop_home, folder / "home", first[0])


def test_features_are_the_same(homes):
    sql = f"from features.customer_features where as_of_date = '{homes.cut}' order by customer_id"
    full, cut_off = homes.both(sql)
    assert len(full) > 300
    pd.testing.assert_frame_equal(full, cut_off, rtol=1e-9)


def test_labels_that_were_known_are_the_same(homes):
    full, cut_off = homes.both("select * from models.labels")
    assert cut_off["matured_on"].max().date() <= homes.cut
    both = cut_off.merge(full, on=[*KEYS, "target"], suffixes=("_cut", ""))
    assert len(both) > 5000
    assert (both["label"] == both["label_cut"]).all()


def test_models_are_the_same_to_the_byte(homes):
    sql = f"select * from models.model_versions where trained_as_of = '{homes.cut}'"
    full, cut_off = (frame.set_index("target") for frame in homes.both(sql))
    targets = [name for name in full.index if name not in (*CLUSTERINGS, NEXT_PRODUCTS)]
    digests = full.loc[targets, "artefact_digest"].dropna()
    assert len(digests) >= 6
    assert digests.to_dict() == cut_off.loc[digests.index, "artefact_digest"].to_dict()


def test_scores_of_the_same_version_are_the_same(homes):
    sql = f"from models.customer_scores where as_of_date = '{homes.cut}' and score is not null"
    full, cut_off = homes.both(sql)
    both = full.merge(cut_off, on=[*KEYS, "target", "model_version"], suffixes=("", "_cut"))
    assert both["target"].nunique() >= 3
    for column in ("score", "percentile", "reason_1_feature", "reason_1_contribution"):
        assert both[column].equals(both[f"{column}_cut"]), column


def test_memberships_are_the_same(homes):
    """Of segments that only behaviour decides; models in force have another past in each home.

    A segment with an exit of its own keeps members whom only the earlier run had let in.
    """
    sql = f"""
        select segment_id, customer_id from segments.segment_membership_history
        where valid_from <= '{homes.cut}' and (valid_to is null or valid_to > '{homes.cut}')
    """
    full, cut_off = (
        frame.groupby("segment_id")["customer_id"].agg(set) for frame in homes.both(sql)
    )
    compared = 0
    for segment in (definition.segment for definition in written_segments()):
        if segment.segments or not segment.columns <= feature_columns().keys():
            continue
        here = full.get(segment.segment_id, set())
        there = cut_off.get(segment.segment_id, set())
        is_held = bool(segment.exit or segment.minimum_stay_days)
        assert here <= there if is_held else here == there, segment.segment_id
        compared += bool(here)
    assert compared >= 4

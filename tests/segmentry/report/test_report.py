"""What the page says, and what it refuses to leak or invent."""

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.report import build_report, words
from segmentry.report.expected import COLUMNS
from segmentry.report.read import read_frames
from segmentry.report.sections.models import verdict
from segmentry.report.words import Words

from .sample import NEWEST, build_sample
from .sample_models import FEATURES


def text_of(page: Path) -> str:
    """The page's words without tags, styles and white space."""
    html = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", page.read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_same_database_gives_the_same_bytes(sample_database: Path, tmp_path: Path) -> None:
    one = build_report(sample_database, tmp_path / "one" / "index.html", FEATURES)
    two = build_report(sample_database, tmp_path / "two.html", FEATURES)
    assert one.read_bytes() == two.read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_every_column_that_the_page_reads_is_in_a_contract() -> None:
    tables = load_contracts().tables
    for name, columns in COLUMNS.items():
        assert name in tables, f"no contract for {name}"
        missing = set(columns) - {column.name for column in tables[name].columns}
        assert not missing, f"{name} lacks {sorted(missing)}"


def test_the_headline_is_computed_from_the_data(pages: dict[str, Path]) -> None:
    text = text_of(pages["full"])
    assert "2,500 customers as of 30 December 2017, with $" in text
    assert "318 of 321 checks passed" in text
    assert "14 rows broke a rule and went to quarantine" in text
    assert "for 4 of 4 prediction targets" in text


def test_beside_the_test_in_time_stands_what_a_random_split_would_have_promised(
    pages: dict[str, Path],
) -> None:
    told = re.findall(
        r"promised AUC (0\.\d+) for LightGBM; in time order it was (0\.\d+)", text_of(pages["full"])
    )
    assert told
    assert all(shuffled != ordered for shuffled, ordered in told)


def test_provenance_stands_where_complete_journey_is_shown(pages: dict[str, Path]) -> None:
    text = text_of(pages["full"])
    assert "84.51° Complete Journey source files" in text
    assert "simulated from real patterns" in text
    assert "simulated from real patterns" not in text_of(pages["empty"])


def test_a_tiny_shop_is_told_so_in_words(pages: dict[str, Path]) -> None:
    text = text_of(pages["tiny"])
    assert "Segments are known at one date only" in text
    assert "too little data to score 40 customers" in text
    assert "No score: there are not enough data yet" in text
    assert "No clustering has been fitted" in text
    assert "nan" not in text.lower().split()


def test_an_empty_home_still_gets_a_page(pages: dict[str, Path]) -> None:
    text = text_of(pages["empty"])
    assert "Nothing has been built yet" in text
    assert "No segment has members yet" in text


def test_a_missing_database_leaves_the_former_page(tmp_path: Path) -> None:
    out = tmp_path / "index.html"
    out.write_text("former")
    with pytest.raises(duckdb.IOException):
        build_report(tmp_path / "missing.duckdb", out)
    assert out.read_text() == "former"


def test_names_from_the_data_cannot_inject_markup(tmp_path: Path) -> None:
    database = build_sample(tmp_path / "s.duckdb", customer_count=120)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update segments.segment_catalogue set segment_name = '<script>alert(1)</script>|&\"'"
        )
    html = build_report(database, tmp_path / "index.html").read_text()
    assert "<script" not in html


def test_ten_customers_are_chosen_for_their_stories(sample_database: Path) -> None:
    examples = read_frames(sample_database).examples
    chosen = examples.drop_duplicates("customer_id")
    assert len(chosen) == 10
    assert chosen["story"].is_unique
    by_story = chosen.set_index("story")["lifecycle_stage"]
    assert by_story["New and likely to return"] == "new"
    assert by_story["Lapsed, once high value"] == "lapsed"
    again = read_frames(sample_database).examples
    assert again["customer_id"].tolist() == examples["customer_id"].tolist()


def test_only_the_newest_version_of_a_segment_is_named(tmp_path: Path) -> None:
    database = build_sample(tmp_path / "s.duckdb", customer_count=120)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into segments.segment_catalogue select * replace (2 as version, "
            "'Renamed' as segment_name) from segments.segment_catalogue "
            "where segment_id = 'high_value'"
        )
    names = read_frames(database).segment_names()
    assert names["high_value"] == "Renamed"
    assert len(names) == len(set(names))


def test_the_verdict_needs_more_than_one_standard_error(sample_database: Path) -> None:
    rows = read_frames(sample_database).metrics.query("target == 'churn_91d' and metric == 'auc'")
    rows = rows[rows["as_of_date"] == rows["as_of_date"].max()]
    cases = [(0.91, "better"), (0.885, "level"), (0.875, "level"), (0.85, "worse")]
    for value, word in cases:
        frame = rows.assign(value=value, rule_value=0.88, standard_error=0.01)
        result = verdict(frame, "auc")
        assert result is not None
        assert result[0] == word


def test_less_is_better_for_an_error(sample_database: Path) -> None:
    rows = read_frames(sample_database).metrics.query("target == 'spend_91d' and metric == 'mae'")
    rows = rows[rows["as_of_date"] == rows["as_of_date"].max()]
    result = verdict(rows.assign(value=150.0, rule_value=170.0, standard_error=5.0), "mae")
    assert result is not None
    assert result[0] == "better"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, "100%"), (0.9996, "over 99%"), (0.521, "52%"), (0.0432, "4.3%"), (0, "0%"),
     (0.00001, "under 0.1%"), (None, "–"), (float("nan"), "–"), (-0.2, "−20%")],
)  # fmt: skip
def test_shares_are_rounded_for_people(value: float | None, expected: str) -> None:
    assert words.percent(value) == expected


@pytest.mark.parametrize(
    ("currency", "value", "expected"),
    [("USD", 1234.5, "$1,234"), ("USD", 31.178, "$31.18"), ("CHF", 1234.5, "1,234 CHF"),
     ("", 12, "12.00"), ("EUR", -3.2, "−€3.20"), ("USD", None, "–")],
)  # fmt: skip
def test_money_carries_its_currency(currency: str, value: float | None, expected: str) -> None:
    assert Words(currency).money(value) == expected


def test_targets_and_features_are_said_in_words() -> None:
    say = Words("USD", date(2017, 12, 30), FEATURES, {"purchase_7d": "Buys within a week."})
    assert say.target("churn_91d") == "No order in the next 91 days"
    assert say.target("purchase_7d") == "Buys within a week"
    assert say.feature("orders_28d_count") == "Orders in the last 28 days"
    long = Words(
        features={
            "x": "Coefficient of variation of weekly spend over 13 complete weeks, "
            "empty weeks included; null without spend."
        }
    )
    assert long.feature("x") == "Coefficient of variation of weekly spend over 13 complete weeks"
    assert say.feature("unknown_ratio") == "Unknown ratio"
    assert say.score("spend_91d", 250.4) == "$250"
    assert say.score("churn_91d", 0.5) == "50%"


def test_movement_is_counted_from_the_second_date_on(sample_database: Path) -> None:
    frames = read_frames(sample_database)
    assert frames.as_of == NEWEST.date()
    first = frames.summary["as_of_date"].min()
    with duckdb.connect(str(sample_database), read_only=True) as connection:
        rows = connection.execute(
            "select count(*) from segments.segment_transitions where as_of_date >= ?", [first]
        ).fetchall()
    assert frames.reasons["move_count"].sum() == rows[0][0]


def test_who_is_nearly_in_is_told_with_what_most_lack(pages: dict[str, Path]) -> None:
    assert re.search(r"High value 3 .{0,60}: at most 181 2", text_of(pages["full"]))
    assert "Nobody is within a tenth of entering a segment" in text_of(pages["empty"])

"""What the page says, and what it refuses to leak or invent."""

import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from segmentry.report import build_report
from segmentry.report.build import open_page
from segmentry.report.sections.customers import choose_examples
from segmentry.report.sections.models import metrics_of_targets, verdict
from segmentry.report.sections.movement import REASONS, SUMMARY
from segmentry.report.sections.segments import segment_names

from .sample import NEWEST, build_sample


def text_of(front: Path) -> str:
    """The words of all pages without tags, styles, scripts and white space, the front first."""
    others = sorted(set(front.parent.glob("*.html")) - {front})
    html = "".join(page.read_text() for page in (front, *others))
    html = re.sub(
        r"<style>.*?</style>|<script>.*?</script>|<svg.*?</svg>", " ", html, flags=re.DOTALL
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_same_database_gives_the_same_bytes(sample_database: Path, tmp_path: Path) -> None:
    one = build_report(sample_database, tmp_path / "one" / "index.html")
    two = build_report(sample_database, tmp_path / "two.html")
    assert one.read_bytes().replace(b"index.html", b"two.html") == two.read_bytes()
    for page in set((tmp_path / "one").glob("*.html")) - {one}:
        former = page.read_bytes().replace(b"index.html", b"two.html")
        assert (tmp_path / page.name).read_bytes() == former
    assert not list(tmp_path.rglob("*.part"))


def test_the_headline_is_computed_from_the_data(pages: dict[str, Path]) -> None:
    text = text_of(pages["full"])
    assert "As of 30 Dec 2017 2,454 customers, 22 are registered without an order, 24 are" in text
    assert "1 failed, 2 gave a warning, 318 passed." in text
    assert "14 rows broke a rule and went to quarantine" in text
    assert "Look at the data: 1 check failed, 2 gave a warning." in text


def test_provenance_stands_where_complete_journey_is_shown(pages: dict[str, Path]) -> None:
    text = text_of(pages["full"])
    assert "84.51° Complete Journey source files" in text
    assert "simulated from real patterns" in text
    assert "simulated from real patterns" not in text_of(pages["empty"])


def test_a_tiny_shop_is_told_so_in_words(pages: dict[str, Path]) -> None:
    text = text_of(pages["tiny"])
    assert "There is one date so far" in text
    assert "None of 40 customers has a score: too little is known." in text
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
            "update segments.segments set segment_name = '<script>alert(1)</script>|&\"'"
        )
    build_report(database, tmp_path / "index.html")
    for page in tmp_path.glob("*.html"):
        assert "<script>alert" not in page.read_text(), page.name


def test_ten_customers_are_chosen_for_their_stories(sample_database: Path) -> None:
    with open_page(sample_database) as page:
        chosen = choose_examples(page)
        stages = page.read("select customer_id, lifecycle_stage from segments.customer_360")
        assert choose_examples(page) == chosen
    stage = dict(zip(stages["customer_id"], stages["lifecycle_stage"], strict=True))
    by_story = {story: stage[customer] for customer, story in chosen.items()}
    assert len(by_story) == len(chosen) == 10
    assert by_story["New and likely to return"] == "new"
    assert by_story["Lapsed, once high value"] == "lapsed"


def test_clusters_of_two_lenses_with_one_name_are_told_apart(tmp_path: Path) -> None:
    database = build_sample(tmp_path / "s.duckdb", customer_count=120)
    with duckdb.connect(str(database)) as connection:
        connection.execute("alter table segments.segments add column clustering varchar")
        connection.execute(
            "insert into segments.segments by name select * replace ('cluster_value_k1' as "
            "segment_id, 'value' as clustering) from segments.segments "
            "where segment_id = 'high_value'"
        )
    with open_page(database) as page:
        names = segment_names(page)
    assert names["cluster_value_k1"] == f"{names['high_value']}, by value"


def metrics_of(database: Path) -> pd.DataFrame:
    """The metrics of the newest tests of every target."""
    with open_page(database) as page:
        return metrics_of_targets(page)


def test_the_verdict_needs_more_than_one_standard_error(sample_database: Path) -> None:
    rows = metrics_of(sample_database).query("target == 'churn_91d' and metric == 'auc'")
    rows = rows[rows["as_of_date"] == rows["as_of_date"].max()]
    cases = [(0.91, "better"), (0.885, "level"), (0.875, "level"), (0.85, "worse")]
    for value, word in cases:
        frame = rows.assign(value=value, rule_value=0.88, standard_error=0.01)
        assert verdict(frame, "auc") == word


def test_less_is_better_for_an_error(sample_database: Path) -> None:
    rows = metrics_of(sample_database).query("target == 'spend_91d' and metric == 'mae'")
    rows = rows[rows["as_of_date"] == rows["as_of_date"].max()]
    better = rows.assign(value=150.0, rule_value=170.0, standard_error=5.0)
    assert verdict(better, "mae") == "better"


def test_movement_is_counted_from_the_second_date_on(sample_database: Path) -> None:
    with open_page(sample_database) as page:
        assert page.as_of == NEWEST.date()
        first = page.read(SUMMARY)["as_of_date"].min()
        moves = page.read(REASONS)["move_count"].sum()
    with duckdb.connect(str(sample_database), read_only=True) as connection:
        rows = connection.execute(
            "select count(*) from segments.segment_transitions where as_of_date >= ?", [first]
        ).fetchall()
    assert moves == rows[0][0]


def test_who_is_nearly_in_is_told_with_what_most_lack(pages: dict[str, Path]) -> None:
    assert re.search(r"High value 3 .{0,60}: at most 181 2", text_of(pages["full"]))
    assert "Nobody is within a tenth of entering a segment" in text_of(pages["empty"])

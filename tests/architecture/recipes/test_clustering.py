"""A clustering is one file: taken by these steps on a copy."""

from pathlib import Path

import pytest

from tests.architecture.recipes.project_copy import ask, copy_project, refusal

# 1. data_contracts/clusterings/<lens>.yaml
FILE = "data_contracts/clusterings/rhythm.yaml"
LENS = """name: rhythm
question: When and how steadily do customers order?
sizes: {least: 3, most: 6, smallest_share: 0.02}
spaces:
  habits:
    families: [seasonality]
    names: [order_gap_mean_days, weekend_orders_364d_rate]
    methods: [kmeans, ward]
"""
# 2. segmentry check reads it, among all the others.
WHAT_FOLLOWS = """
import json
from segmentry.project.vocabulary import condition_columns, lenses, written_segments
print(json.dumps({
    "lenses": {name: lens.question for name, lens in lenses().items()},
    "columns": [c for c in condition_columns() if c.startswith("cluster_")],
    "copies": [d.for_each for d in written_segments() if d.segment.kind == "cluster"],
}))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("clustering") / "project")


def test_a_clustering_is_one_file_and_its_clusters_become_segments(project: Path) -> None:
    before = ask(project, WHAT_FOLLOWS)
    (project / FILE).write_text(LENS)
    after = ask(project, WHAT_FOLLOWS)
    assert set(after["lenses"]) == {*before["lenses"], "rhythm"}
    assert after["lenses"]["rhythm"] == "When and how steadily do customers order?"
    assert set(after["columns"]) == {*before["columns"], "cluster_rhythm"}
    assert set(after["copies"]) == {*before["copies"], "cluster_rhythm"}


def test_a_segment_that_reads_a_clustering_names_its_missing_file(project: Path) -> None:
    (project / FILE).unlink(missing_ok=True)
    segment = project / "data_contracts/segments/at_risk.yaml"
    written = segment.read_text()
    segment.write_text(written.replace("where: >-\n", "where: >-\n  cluster_rhythm = 'c1' and\n"))
    said = refusal(project)
    segment.write_text(written)
    assert "at_risk.yaml, line 4" in said
    assert f"no {FILE} defines cluster_rhythm" in said


def test_an_unknown_column_is_refused_with_the_line_and_the_nearest_name(project: Path) -> None:
    (project / FILE).write_text(LENS.replace("order_gap_mean_days", "order_gap_men_days"))
    said = refusal(project)
    (project / FILE).unlink()
    assert "rhythm.yaml, line 7" in said
    assert "did you mean order_gap_mean_days?" in said

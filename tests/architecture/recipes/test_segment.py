"""A segment is one file: taken by these steps on a copy."""

from pathlib import Path

import pytest

from tests.architecture.recipes.project_copy import ask, copy_project, refusal

# 1. data_contracts/segments/<segment>.yaml
FILE = "data_contracts/segments/quiet_spender.yaml"
SEGMENT = """name: Quiet spenders
kind: rule
description: "Spend much and have been quiet for four weeks."
enter: recency_days >= 28 and segment_high_value
exit: recency_days < 14
purchased: {category: COFFEE, within_days: 91}
owner: crm-marketing
purpose: "Ask them what they miss."
status: approved
review_by: 2027-06-30
"""
# 2. segmentry check reads it, among all the others.
SEGMENTS = """
import json
from segmentry.project.vocabulary import written_segments
print(json.dumps({d.segment.segment_id: d.segment.name for d in written_segments()}))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("segment") / "project")


def test_a_segment_is_one_file(project: Path) -> None:
    before = ask(project, SEGMENTS)
    (project / FILE).write_text(SEGMENT)
    assert ask(project, SEGMENTS) == before | {"quiet_spender": "Quiet spenders"}


def test_a_segment_that_others_ask_about_names_its_missing_file(project: Path) -> None:
    (project / FILE).unlink(missing_ok=True)
    asking = project / "data_contracts/segments/asking.yaml"
    asking.write_text(SEGMENT.replace("segment_high_value", "segment_quiet_spender"))
    said = refusal(project)
    asking.unlink()
    assert "asking.yaml, line 4" in said
    assert f"no {FILE} defines segment_quiet_spender" in said


def test_an_unknown_column_is_refused_with_the_line_and_the_nearest_name(project: Path) -> None:
    (project / FILE).write_text(SEGMENT.replace("exit: recency_days", "exit: recensy_days"))
    said = refusal(project)
    (project / FILE).unlink()
    assert "quiet_spender.yaml, line 5" in said
    assert "did you mean recency_days?" in said

"""A person's decision is written into the segment's file, and undone when the catalogue refuses."""

import datetime

import pytest

from data_contracts.compiler.files import read_yaml
from data_contracts.definitions.contract import ContractError
from segmentry.home import ConfigurationError
from segmentry.segments.files import decide, review_date, status_of

WRITTEN = """# Asked for by the board.
name: Buyers
kind: rule
description: They bought.
where: >-
  tenure_days > 1
  and tenure_days < 9
owner: nobody   # yet
purpose: None
status: proposed
review_by: 2020-01-31
"""
STORED = {
    "name": "Late birds",
    "kind": "cluster",
    "description": "They come at night.",
    "where": "cluster_channels = 'c2'",
    "owner": "analytics",
    "purpose": "Look.",
    "status": "proposed",
    "review_by": datetime.date(2027, 1, 31),
}
APPROVED = {
    "status": "approved",
    "owner": "crm: marketing",
    "purpose": "Write to them at night.",
    "review_by": datetime.date(2028, 1, 31),
}


def test_approving_a_file_changes_what_was_decided_and_nothing_else(tmp_path):
    path = tmp_path / "buyers.yaml"
    path.write_text(WRITTEN)
    decide(tmp_path, "buyers", {}, list, **APPROVED)
    assert read_yaml(path) == {
        "name": "Buyers",
        "kind": "rule",
        "description": "They bought.",
        "where": "tenure_days > 1 and tenure_days < 9",
        **APPROVED,
    }
    assert "# Asked for by the board." in path.read_text()
    assert "# yet" in path.read_text()


def test_approving_a_discovered_segment_gives_it_a_file(tmp_path):
    path = decide(tmp_path, "cluster_channels_c2", STORED, list, **APPROVED)
    assert path == tmp_path / "cluster_channels_c2.yaml"
    assert read_yaml(path) == STORED | APPROVED


@pytest.mark.parametrize("before", [None, WRITTEN])
def test_a_decision_that_the_catalogue_refuses_leaves_no_trace(tmp_path, before):
    path = tmp_path / "buyers.yaml"
    if before:
        path.write_text(before)

    def refuse():
        raise ContractError("another segment asks about it")

    with pytest.raises(ContractError, match="asks about it"):
        decide(tmp_path, "buyers", STORED, refuse, status="retired")
    assert (path.read_text() if path.exists() else None) == before


def test_a_segment_that_nobody_knows_or_that_stands_for_many_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="there is no segment buyers"):
        status_of(tmp_path, "buyers", {})
    (tmp_path / "lovers.yaml").write_text(WRITTEN + "for_each: top_category\n")
    with pytest.raises(ConfigurationError, match="stands for many"):
        status_of(tmp_path, "lovers", {})
    assert status_of(tmp_path, "cluster_channels_c2", STORED) == "proposed"


def test_a_review_date_is_a_date_to_come():
    with pytest.raises(ConfigurationError, match="'soon': write it like"):
        review_date("soon")
    with pytest.raises(ConfigurationError, match="2020-01-31 has passed"):
        review_date("2020-01-31")

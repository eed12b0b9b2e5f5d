"""Lenses are data: whatever cannot be honoured is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.compiler.clusterings import load_lenses
from data_contracts.definitions.contract import Column, ContractError

COLUMNS = [
    Column("recency_days", "integer", "Days.", "internal", family="orders"),
    Column("spend_28d_amount", "double", "Spend.", "internal", family="orders"),
    Column("spend_91d_amount", "double", "Spend.", "internal", family="orders"),
    Column("first_order_date", "date", "Day.", "internal", family="orders"),
    Column("region", "string", "Where.", "internal", family="profile"),
    Column("birth_year", "integer", "Year.", "sensitive", family="profile"),
]
LENS = """name: value
question: Who is worth what?
sizes: {least: 3, most: 8, smallest_share: 0.02}
spaces:
  habits:
    families: [orders]
    names: ["spend_*d_amount", region]
    methods: [kmeans, ward]
"""


def load(folder: Path, text: str, name: str = "value"):
    """The lenses of a folder with one file."""
    (folder / f"{name}.yaml").write_text(text)
    return load_lenses(folder, COLUMNS, {"birth_year"})


def test_families_and_patterns_become_columns_and_names_win(tmp_path: Path) -> None:
    lens = load(tmp_path, LENS)["value"]
    (space,) = lens.spaces
    assert space.named == ("spend_28d_amount", "spend_91d_amount", "region")
    assert space.by_family == ("recency_days",)
    assert lens.columns == (*space.by_family, *space.named)
    assert (lens.least, lens.most, lens.names_tell_level) == (3, 8, False)


def test_a_family_never_brings_what_is_sensitive_or_what_is_text(tmp_path: Path) -> None:
    with_profile = LENS.replace("[orders]", "[orders, profile]").replace(", region]", "]")
    assert load(tmp_path, with_profile)["value"].spaces[0].by_family == ("recency_days",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("region]", "regoin]", "value.yaml, line 7: no column .* is regoin; did you mean region?"),
        ("region]", "birth_year]", "line 7: birth_year is sensitive and can never define"),
        ("[orders]", "[order]", "line 6: there is no family of features order; did you mean order"),
        ("region]", "first_order_date]", "line 7: no column to compare customers by"),
        ("ward]", "wrad]", r"methods of space habits are of kmeans, .* \(wrad\)"),
        ("least: 3", "least: 9", "whole numbers 2 <= least <= most <= 26"),
        ("0.02", "0.7", "smallest_share must lie between 0 and 0.5"),
        ("question: Who is worth what?\n", "", "missing key question"),
        ("methods:", "method:", "unknown key spaces.habits.method; methods of space"),
        ("name: value", "name: worth", "name is 'worth'; the file of a clustering is called"),
    ],
)
def test_a_faulty_lens_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(ContractError, match=told):
        load(tmp_path, LENS.replace(old, new))


def test_every_fault_of_a_lens_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"missing key name.*sizes must be.*spaces must name"):
        load(tmp_path, "question: Why?\nsizes: 3\nspaces: {}\n")

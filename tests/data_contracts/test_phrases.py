"""The phrase book and the shop's names are content: read, checked, and refused with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import ContractError
from data_contracts.definitions.pairs import spoken_features
from data_contracts.wording import reasons
from data_contracts.wording.phrases import (
    FILE,
    FORMS,
    check_phrases,
    phrase_book,
    without_phrase,
)
from data_contracts.wording.values import shop_names, value_words

BOOK = """themes:
  orders:
    order_count: "{v:order|orders} ever"
    orders_<d>_count: "{v:order|orders} {window}"
flags:
  is_member: {theme: "members", 1: "a member", 0: "no member"}
values:
  region: {name: "from {value}", figure: "live in {value}"}
habits:
  orders:
    more: ['^orders?_']
    high: frequent orders
beside_habits: ['^recency_days$']
unspoken: ['_vector_\\d']
"""
FEATURES = ["order_count", "orders_28d_count", "is_member", "region"]


@pytest.fixture
def write(tmp_path):
    def written(old: str = "", new: str = "") -> Path:
        path = tmp_path / "phrases.yaml"
        assert old in BOOK
        path.write_text(BOOK.replace(old, new) if old else BOOK)
        return path

    return written


def test_every_feature_of_the_contract_has_a_phrase_and_every_phrase_a_feature():
    assert without_phrase(spoken_features(load_contracts())) == []
    check_phrases(spoken_features(load_contracts()))


def test_a_feature_without_a_phrase_is_named(write):
    path = write()
    assert without_phrase([*FEATURES, "calls_28d_count"], path) == ["region", "calls_28d_count"]
    with pytest.raises(ContractError, match="no phrase for calls_28d_count, region; write one"):
        check_phrases([*FEATURES, "calls_28d_count"], path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("orders_<d>_count", "ordrs_<d>_count", "line 4: no feature is called ordrs_<d>_count"),
        ("is_member:", "is_mmber:", "line 6: there is no feature is_mmber"),
        ("region:", "regoin:", "line 8: there is no feature regoin"),
        ("^orders?_", "^ordrs_", r"line 11: no feature has \^ordrs_ in its name"),
        (
            "{v:order|orders} ever",
            "{order_cnt:plain} ever",
            "line 3: there is no feature order_cnt",
        ),
        ("{v:order|orders} ever", "{v} ever", r"line 3: write \{v:...\} with one|many"),
        ("{v:order|orders} ever", "{v:coins} ever", r"line 3: write \{v:...\} with one|many"),
        ("{v:order|orders} ever", "{v:plain} {window}", r"line 3: \{window\} needs <d>"),
        ("{v:order|orders} ever", "{v:plain ever", "line 3: .*unmatched"),
        ("orders_<d>_count", "orders_(<d>_count", "line 4: orders_.*unterminated"),
        ("    more: ['^orders?_']\n", "", "line 10: orders needs more or less"),
        ("    high:", "    hgh:", "line 10: orders has family, high"),
        ("flags:", "colours:", "it has beside_habits, flags"),
        (
            "flags:",
            '  returns:\n    order_count: "{v:plain}"\nflags:',
            "line 6: order_count has a phrase already",
        ),
        ("    orders_<d>_count", "    order_count", "line 4: 'order_count' stands there twice"),
    ],
)
def test_a_phrase_that_cannot_be_said_is_refused_with_its_line(write, old, new, message):
    with pytest.raises(ContractError, match=rf"phrases\.yaml.*{message}"):
        check_phrases(FEATURES, write(old, new))


def test_every_way_to_say_a_value_can_be_said():
    assert set(reasons._FORMS) == FORMS
    assert phrase_book(FILE) is phrase_book(FILE)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("top_category", "FRZN MEAT/MEAT DINNERS", "Frozen meat & dinners"),
        ("category", "FRZN VEGETABLE/VEG DSH", "Frozen vegetable/vegetables dishes"),
        ("category", "CHRISTMAS  SEASONAL", "Christmas seasonal"),
        ("category", "QWX GOODS", "Qwx goods"),
        ("category", "Pet food", "Pet food"),
        ("top_category", "GB", "GB"),
        ("country", "GB", "United Kingdom"),
        ("currency", "EUR", "EUR"),
    ],
)
def test_a_value_is_written_as_the_shop_writes_it_and_never_shouts(column, value, words):
    assert value_words(column, value) == words


def test_a_company_without_names_of_its_own_needs_no_file(tmp_path):
    assert shop_names(tmp_path / "shop_names.yaml") == ({}, {})
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("words: {FRZN: 3}")
    with pytest.raises(ContractError, match=r"wrong.yaml: .FRZN.: write text"):
        shop_names(wrong)

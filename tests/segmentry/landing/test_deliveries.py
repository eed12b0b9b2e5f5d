"""Whose folder is whose, and what is said when that is not clear."""

from pathlib import Path

import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.home import ConfigurationError
from segmentry.landing.deliveries import database_urls, landing_folders


def test_a_bare_folder_is_for_the_one_source_that_needs_it():
    folders = landing_folders(load_contracts(), ["complete_journey", "standard"], ["files"], {})
    assert folders == {"complete_journey": None, "standard": Path("files")}


def test_several_folders_are_given_by_name_and_a_bare_one_is_for_the_one_left():
    named = ["standard=a", "omnishop=b"]
    expected = {"standard": Path("a"), "omnishop": Path("b")}
    assert landing_folders(load_contracts(), ["standard", "omnishop"], named, {}) == expected
    assert (
        landing_folders(load_contracts(), ["standard", "omnishop"], ["standard=a", "b"], {})
        == expected
    )


def test_a_folder_of_an_earlier_run_is_remembered_unless_another_is_given():
    remembered = {"omnishop": "old", "complete_journey": None}
    assert landing_folders(load_contracts(), ["omnishop"], [], remembered) == {
        "omnishop": Path("old")
    }
    assert landing_folders(load_contracts(), ["omnishop"], ["new"], remembered) == {
        "omnishop": Path("new")
    }


def test_a_folder_with_an_equals_sign_in_its_name_is_a_folder(tmp_path):
    folder = tmp_path / "day=1"
    folder.mkdir()
    assert landing_folders(load_contracts(), ["omnishop"], [str(folder)], {}) == {
        "omnishop": folder
    }


@pytest.mark.parametrize(
    ("sources", "landing", "message"),
    [
        (["standard"], [], "--source standard needs --landing DIR"),
        (["standard", "omnishop"], [], "of several: --landing standard=DIR"),
        (["standard", "omnishop"], ["a"], "say whose folder it is: --landing standard=DIR"),
        (["standard"], ["a", "b"], "say whose folder it is"),
        (["complete_journey"], ["a"], "no source of this run needs a folder"),
        (["standard"], ["omnishop=a"], "omnishop is not among the sources of this run, standard"),
        (["standard"], ["standard=a", "standard=b"], "given twice"),
    ],
)
def test_what_is_not_clear_is_said(sources, landing, message):
    with pytest.raises(ConfigurationError) as raised:
        landing_folders(load_contracts(), sources, landing, {})
    assert message in str(raised.value)


def test_databases_are_known_by_the_contracts_of_the_sources():
    contracts = load_contracts()
    given = ["billing=env:X"]
    assert database_urls(contracts, ["omnishop"], given) == {"billing": "env:X"}
    with pytest.raises(ConfigurationError, match="the contracts name for standard: none"):
        database_urls(contracts, ["standard"], given)
    with pytest.raises(ConfigurationError, match=r"--database sales: .*: billing"):
        database_urls(contracts, ["omnishop"], ["sales=env:X"])

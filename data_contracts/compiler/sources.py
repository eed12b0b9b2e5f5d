"""What a raw contract says of its source as a whole: the custom properties of the document."""

import re
from typing import Any

from data_contracts.definitions.contract import ContractError, Source

PROPERTIES = {
    "currency": "currency",
    "notice": "notice",
    "package": "package",
    "packageFolder": "package_folder",
    "packageExtra": "package_extra",
}


def read_source(name: str, document: dict[str, Any], where: str) -> Source:
    """The source that a raw contract describes. Raises ContractError on an unknown property."""
    values: dict[str, str] = {}
    for entry in document.get("customProperties", []):
        if entry["property"] not in PROPERTIES:
            listed = ", ".join(PROPERTIES)
            raise ContractError(f"{where}: {entry['property']}: a source may say {listed}")
        values[PROPERTIES[entry["property"]]] = str(entry["value"])
    source = Source(name, **values)
    if source.currency and not re.fullmatch("[A-Z]{3}", source.currency):
        raise ContractError(
            f"{where}: currency: {source.currency!r} is no ISO 4217 code; write one such as USD"
        )
    if source.package and not source.package_extra:
        raise ContractError(
            f"{where}: package: add packageExtra, the extra of pyproject.toml that installs "
            f"{source.package}"
        )
    return source

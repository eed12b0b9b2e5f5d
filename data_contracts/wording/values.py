"""Values of text columns as the company writes them, by data_contracts/shop_names.yaml."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from data_contracts.compiler.files import read_yaml
from data_contracts.compiler.loading import ROOT
from data_contracts.definitions.contract import ContractError

FILE = ROOT / "shop_names.yaml"
# Codes of countries, currencies and sizes stay in capitals; what is longer is a till shouting.
LONGEST_CODE = 3


def value_words(column: str, value: str) -> str:
    """A value as a person reads it: the company's own name, else sentence case for capitals.

    'FRZN MEAT' is 'Frozen meat' where the file says that FRZN is frozen, else 'Frzn meat'. What is
    not all in capitals stays as it is written. What the file says of `category` holds for every
    column that ends so, such as top_category.
    """
    words, values = shop_names()
    for name, written in values.items():
        if f"_{column}".endswith(f"_{name}") and value in written:
            return written[value]
    text = " ".join(value.replace("_", " ").split())
    if not text.isupper() or len(text) <= LONGEST_CODE:
        return text
    for abbreviation, word in words.items():
        text = _replaced(text, abbreviation, word.upper())
    return text.capitalize()


def _replaced(text: str, word: str, by: str) -> str:
    """The text with a whole word, between spaces or signs, written out."""
    parts = [""]
    for letter in text:
        if letter.isalnum() == parts[-1][-1:].isalnum():
            parts[-1] += letter
        else:
            parts.append(letter)
    return "".join(by if part == word else part for part in parts)


@cache
def shop_names(file: Path = FILE) -> tuple[Mapping[str, str], Mapping[str, Mapping[str, str]]]:
    """Abbreviation -> word, and column -> value -> name; both empty without a file.

    Raises ContractError naming the file.
    """
    content: Any = (read_yaml(file) if file.exists() else None) or {}
    if not isinstance(content, dict) or set(content) - {"words", "values"}:
        raise ContractError(f"{file.name}: it has words and values, nothing else")
    words, values = content.get("words") or {}, content.get("values") or {}
    for mapping in (words, *values.values()):
        for written, name in mapping.items():
            if not isinstance(written, str) or not isinstance(name, str):
                raise ContractError(f"{file.name}: {written!r}: write text, in quotes if need be")
    return words, values

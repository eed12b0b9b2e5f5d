"""Whether every feature that models read has a phrase: a reason must be a sentence, not a name."""

from data_contracts.definitions.contract import ContractError, Contracts
from data_contracts.wording.reasons import theme_of

MART = "features.customer_features"
PHRASES = "data_contracts/wording/phrases.py"
# Models read numbers; texts and dates are never a reason.
NUMBERS = ("double", "integer", "money", "boolean")


def check_phrases(contracts: Contracts) -> None:
    """Raises ContractError naming every feature without a phrase and the file of phrases."""
    table = contracts.tables[MART]
    silent = [
        column.name
        for column in table.columns
        if column.family and column.type in NUMBERS and theme_of(column.name) == column.name
    ]
    if silent:
        raise ContractError(
            f"{PHRASES}: no phrase for {', '.join(silent)}; "
            "say there how a reason speaks of a customer's value"
        )

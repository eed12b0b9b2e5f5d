"""Everything that a company chooses, read and checked; nothing runs."""

from collections.abc import Sized

from data_contracts.compiler.identity_rules import (
    load_matching_model,
    load_nicknames,
    load_overrides,
    load_rules,
    load_survivorship,
)
from data_contracts.compiler.loading import load_contracts
from data_contracts.compiler.to_dbt import out_of_step
from data_contracts.definitions.pairs import spoken_features
from data_contracts.wording.phrases import check_phrases
from data_contracts.wording.values import shop_names
from segmentry.home import DBT_PROJECT, ConfigurationError
from segmentry.project.vocabulary import (
    lenses,
    written_segments,
    written_targets,
)


def check_project() -> str:
    """Validate contracts, targets, clusterings, segments and identity; returns how many there are.

    Raises ContractError or ConfigurationError naming the file at fault.
    """
    contracts = load_contracts()
    stale = out_of_step(contracts, DBT_PROJECT)
    if stale:
        raise ConfigurationError(
            f"not in step with the contracts: {', '.join(stale)}; run segmentry contracts sync"
        )
    check_phrases(spoken_features(contracts))
    shop_names()
    load_matching_model()
    load_survivorship()
    read: dict[str, Sized] = {
        "tables": contracts.tables,
        "columns": contracts.dictionary,
        "targets": written_targets(),
        "clusterings": lenses(),
        "segment definitions": written_segments(),
        "identifier types": load_rules().types,
        "identity overrides": load_overrides(),
        "given names": load_nicknames().formal,
    }
    return ", ".join(f"{len(entries)} {name}" for name, entries in read.items())

"""What the project says of identity, read from its files, with the key of the ids."""

from data_contracts.compiler.identity_rules import (
    load_matching_model,
    load_nicknames,
    load_overrides,
    load_rules,
    load_survivorship,
)
from segmentry.identity.update import Resolver
from segmentry.keys import hash_column, load_key


def project_resolver() -> Resolver:
    """The resolver of this checkout. Raises ContractError naming the file and line at fault."""
    return Resolver(
        rules=load_rules(),
        names=load_nicknames(),
        overrides=load_overrides(),
        survivorship=load_survivorship(),
        model=load_matching_model(),
        hash_texts=hash_column(load_key()),
    )

"""Targets from their files, each expression checked against the columns it may name."""

from dataclasses import replace
from pathlib import Path

from data_contracts.compiler.conditions import check_condition
from data_contracts.compiler.contract import ContractError
from data_contracts.compiler.loading import read_yaml
from data_contracts.compiler.to_labels import WINDOW_COLUMNS
from ml.targets import Target, TargetError, target_from_mapping


def load_targets(folder: Path, features: dict[str, str], sensitive: set[str]) -> dict[str, Target]:
    """Every target by name. `features` maps the columns a population may name to SQL types.

    Raises ContractError naming the file on whatever cannot be honoured.
    """
    targets = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            target = target_from_mapping(read_yaml(path))
        except TargetError as error:
            raise ContractError(f"{path.name}: {error}") from error
        if target.name != path.stem:
            raise ContractError(f"{path.name}: the file of {target.name} is {target.name}.yaml")
        label, _ = check_condition(target.label, WINDOW_COLUMNS, sensitive, f"{path.name}: label")
        population = target.population
        if population:
            where = f"{path.name}: population"
            population, _ = check_condition(population, features, sensitive, where)
        targets[target.name] = replace(target, label=label, population=population)
    return targets

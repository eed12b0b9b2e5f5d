"""What people decide about models: promote, demote, roll back. Appended, never rewritten.

A decision serves from an as_of_date: the one after the newest that is scored, or a later one. The
newest scored date itself may be named too, since it is judged again when the run is repeated;
earlier dates keep the model that scored them.
"""

import datetime
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data_contracts.compiler.loading import load_contracts
from segmentry.artefacts import ArtefactError, load_model
from segmentry.home import ConfigurationError
from segmentry.models.registry import TIMELINE, champion_at, newest_scored
from segmentry.project.vocabulary import (
    CLUSTERINGS,
    NEXT_PRODUCTS,
    digest_for,
    learned_columns,
    written_targets,
)
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.facts import Purpose, planned_dates

_VERSION = "select * from models.model_versions where model_version = ?"
_NAMES = "select model_version from models.model_versions order by model_version"
_HISTORY = f"""
    select d.*, v.feature_list_digest, v.feature_list from ({TIMELINE}) as d
    left join models.model_versions as v on v.model_version = d.model_version
    where d.target = ? order by d.effective_from, d.decided_as_of, d.decision_number
"""
_LAST_TRAINED = "select max(trained_as_of) from models.model_versions"
_LAST_NUMBER = "select coalesce(max(decision_number), 0) from models.promotions"


@dataclass(frozen=True)
class DecisionRequest:
    """Who wants it and why, and from when (None: from the next date that is scored)."""

    decided_by: str
    reason: str
    effective_from: datetime.date | None = None


@dataclass(frozen=True)
class Decision:
    """What was decided. model_version: None when the target is left without a model."""

    target: str
    action: str
    model_version: str | None
    former: str | None
    effective_from: datetime.date


def promote(warehouse: Warehouse, version: str, request: DecisionRequest) -> Decision:
    """Let `version` score its target. Raises ConfigurationError, saying what is in the way."""
    row = find_version(warehouse, version)
    start = _start(warehouse, str(row["target"]), request)
    return _put_in_force(warehouse, row, "promote", start, request)


def demote(warehouse: Warehouse, version: str, request: DecisionRequest) -> Decision:
    """Take `version` out of force: nothing scores its target from then on."""
    target = str(find_version(warehouse, version)["target"])
    start = _start(warehouse, target, request)
    champion = champion_at(warehouse, target, start, None)
    if champion is None or champion.model_version != version:
        held = champion.model_version if champion else "no model"
        raise ConfigurationError(f"{version} is not in force on {start}: {held} is")
    return _record(warehouse, Decision(target, "demote", None, version, start), request)


def roll_back(warehouse: Warehouse, target: str, request: DecisionRequest) -> Decision:
    """Bring back the champion that `target` had before the one in force."""
    known = [*written_targets(), *CLUSTERINGS, NEXT_PRODUCTS]
    if target not in known:
        raise ConfigurationError(f"unknown target {target}{_nearest(target, known)}")
    start = _start(warehouse, target, request)
    version = former_champion(warehouse, target, start)
    return _put_in_force(warehouse, find_version(warehouse, version), "rollback", start, request)


def former_champion(warehouse: Warehouse, target: str, date: datetime.date) -> str:
    """The version in force before the champion at `date` first came into force.

    After a demotion it is the version that was demoted. Raises ConfigurationError when there is
    none that could score today's features.
    """
    past = warehouse.read(_HISTORY, [target])
    past = past[pd.to_datetime(past["effective_from"]) <= pd.Timestamp(date)]
    if past.empty:
        raise ConfigurationError(f"{target} has never had a model; there is nothing to go back to")
    current = past["model_version"].iloc[-1]
    before = past
    if isinstance(current, str):
        before = past.iloc[: past["model_version"].tolist().index(current)]
    before = before[before["model_version"].notna()]
    if before.empty:
        raise ConfigurationError(
            f"{current} is the first model of {target}; there is nothing to go back to. "
            f"segmentry models demote {current} leaves {target} without scores"
        )
    usable = before[[_fits(row) for row in before.to_dict("records")]]
    if usable.empty:
        raise ConfigurationError(
            f"the former models of {target} were trained on another feature list and cannot score "
            "today's features; retrain instead"
        )
    return str(usable["model_version"].iloc[-1])


def find_version(warehouse: Warehouse, version: str) -> dict[str, Any]:
    """The row of models.model_versions. Raises ConfigurationError with the nearest names."""
    found = warehouse.read(_VERSION, [version])
    if found.empty:
        names = warehouse.read(_NAMES)["model_version"].tolist()
        raise ConfigurationError(
            f"unknown version {version}{_nearest(version, names)}; segmentry models list names all"
        )
    return {str(key): value for key, value in found.iloc[0].items()}


def check_usable(warehouse: Warehouse, row: dict[str, Any]) -> None:
    """Raise ConfigurationError unless the version's artefact is whole and fits today's features."""
    version = row["model_version"]
    if not isinstance(row["artefact_path"], str):
        raise ConfigurationError(f"{version} has no stored model: {row['reason']}")
    if not _fits(row):
        raise ConfigurationError(
            f"{version} was trained on another feature list than today's and cannot score; retrain"
        )
    try:
        load_model(warehouse.home.root / row["artefact_path"], str(row["artefact_digest"]))
    except ArtefactError as error:
        raise ConfigurationError(f"{version} cannot be used: {error}") from error


def _fits(row: Mapping[Any, Any]) -> bool:
    """Whether a version reads what today's mart has."""
    digest = digest_for(str(row["target"]))
    if digest is None:
        return set(str(row["feature_list"]).split(",")) <= set(learned_columns())
    return bool(row["feature_list_digest"] == digest)


def _put_in_force(
    warehouse: Warehouse,
    row: dict[str, Any],
    action: str,
    start: datetime.date,
    request: DecisionRequest,
) -> Decision:
    version, target = str(row["model_version"]), str(row["target"])
    check_usable(warehouse, row)
    trained = pd.Timestamp(row["trained_as_of"]).date()
    if start < trained:
        raise ConfigurationError(
            f"{version} knows what happened before {trained}; it can score from then on, "
            f"not from {start}"
        )
    champion = champion_at(warehouse, target, start, None)
    former = champion.model_version if champion else None
    if former == version:
        raise ConfigurationError(f"{version} is in force on {start} already")
    return _record(warehouse, Decision(target, action, version, former, start), request)


def _start(warehouse: Warehouse, target: str, request: DecisionRequest) -> datetime.date:
    """From when a decision serves. Raises ConfigurationError for a date that is settled."""
    if not request.reason.strip():
        raise ConfigurationError("--reason is empty; say why, for whoever asks later")
    newest = newest_scored(warehouse, target)
    if newest is None:
        return request.effective_from or _now(warehouse)
    if request.effective_from is None:
        return newest + datetime.timedelta(days=1)
    if request.effective_from < newest:
        raise ConfigurationError(
            f"--from {request.effective_from}: {target} has been scored up to {newest}, and scores "
            f"that were given out keep their model; name {newest} or a later date"
        )
    return request.effective_from


def _now(warehouse: Warehouse) -> datetime.date:
    """A person decides after whatever has been judged and trained so far."""
    trained = pd.Timestamp(str(warehouse.scalar(_LAST_TRAINED))).date()
    return max([trained, *planned_dates(warehouse, Purpose.NEWEST)])


def _record(warehouse: Warehouse, decision: Decision, request: DecisionRequest) -> Decision:
    row = {
        "decision_number": int(str(warehouse.scalar(_LAST_NUMBER))) + 1,
        "target": decision.target,
        "action": decision.action,
        "model_version": decision.model_version,
        "effective_from": decision.effective_from,
        "decided_as_of": _now(warehouse),
        "decided_by": request.decided_by,
        "reason": request.reason,
    }
    table = load_contracts().tables["models.promotions"]
    warehouse.replace(table, pd.DataFrame([row]), where="false")
    return decision


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"; did you mean {close[0]}?" if close else ""

"""Approving and retiring: a person's decision, written into the segment's file."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from data_contracts.compiler.files import read_yaml
from data_contracts.definitions.contract import ContractError
from segmentry.home import ConfigurationError

Check = Callable[[], object]
ORDER = (
    *("name", "kind", "description", "where", "enter", "exit", "minimum_stay_days"),
    *("owner", "purpose", "status", "review_by", "lookalikes"),
)


def decide(
    folder: Path, segment_id: str, stored: dict[str, Any], check: Check, **decision: Any
) -> Path:
    """Write `decision` (status, owner, ...) into the file of a segment; returns the file.

    Without a file of its own the segment is a copy (of a cluster, of a leading value) that
    `stored` describes, and gets one. `check` validates the catalogue; when it refuses, the file is
    as it was and the ContractError goes on.
    """
    path = folder / f"{segment_id}.yaml"
    before = path.read_text(encoding="utf-8") if path.exists() else None
    written = with_entries(before, decision) if before else as_yaml(stored | decision)
    path.write_text(written, encoding="utf-8")
    try:
        check()
    except ContractError:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
        raise
    return path


def as_yaml(entries: dict[str, Any]) -> str:
    """A segment file, entries in the usual order."""
    ordered = {name: entries[name] for name in ORDER if entries.get(name) is not None}
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100)


def with_entries(text: str, entries: dict[str, Any]) -> str:
    """The file with some entries changed, everything else, comments too, as it was written."""
    document = yaml.compose(text)
    if not isinstance(document, yaml.MappingNode):
        raise ConfigurationError("a segment file is a list of entries")
    places = {key.value: (value.start_mark, value.end_mark) for key, value in document.value}
    edits = []
    for name, value in entries.items():
        written = yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("...\n")
        if name in places:
            start, end = places[name]
            edits.append((start.index, end.index, written.strip()))
        else:
            edits.append((len(text), len(text), f"{name}: {written.strip()}\n"))
    for start_index, end_index, written in sorted(edits, reverse=True):
        text = text[:start_index] + written + text[end_index:]
    return text


def status_of(folder: Path, segment_id: str, stored: dict[str, Any]) -> str:
    """What the file says, else what the catalogue does. Raises when nobody knows the segment."""
    path = folder / f"{segment_id}.yaml"
    if path.exists():
        document = read_yaml(path)
        if "for_each" in document:
            raise ConfigurationError(
                f"{segment_id} stands for many segments; name one of them, segmentry segments list"
            )
        return str(document["status"])
    if not stored:
        raise ConfigurationError(f"there is no segment {segment_id}; segmentry segments list")
    return str(stored["status"])


def review_date(text: str) -> datetime.date:
    """A date to come that a person typed."""
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"review date {text!r}: write it like 2027-01-31") from error
    if date < datetime.date.today():
        raise ConfigurationError(f"review date {date} has passed")
    return date

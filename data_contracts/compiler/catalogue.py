"""The segment catalogue: one YAML file a segment, checked before anything runs.

A segment says who is in it: `where`, or `enter` and `exit` (who is in stays until `exit` holds),
`purchased` and `not_purchased` clauses that entering needs too, and how many days a stay lasts at
least. `for_each` makes one segment per leading value of a column; `for_each: cluster_*` one per
cluster of every clustering.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlglot import exp

from data_contracts.compiler.conditions import SEGMENT, Condition, Vocabulary, read_condition
from data_contracts.compiler.files import read_yaml
from data_contracts.compiler.purchases import clauses_sql
from data_contracts.definitions.contract import ContractError
from data_contracts.definitions.segment import Segment, in_order

KINDS = ("rule", "predictive", "cluster")
STATUSES = ("proposed", "approved", "retired")
REQUIRED = {"name", "kind", "description", "owner", "purpose", "status", "review_by"}
CLAUSES = ("purchased", "not_purchased")
NUMBERS = ("minimum_stay_days", "leading", "lookalikes")
OPTIONAL = {"where", "enter", "exit", "for_each", *CLAUSES, *NUMBERS}
EVERY_CLUSTERING = "cluster_*"


@dataclass(frozen=True)
class Definition:
    """One definition of the catalogue; `for_each` names the column whose values make copies."""

    segment: Segment
    file: str
    vocabulary: Vocabulary = field(repr=False)
    for_each: str | None = None
    leading: int = 0


def load_catalogue(folder: Path, columns: dict[str, str], sensitive: set[str]) -> list[Definition]:
    """Read every segment file. `columns` maps the columns a condition may use to their SQL type.

    Raises ContractError with file and line on whatever cannot be honoured.
    """
    paths = segment_files(folder)
    if not paths:
        raise ContractError(f"{folder}: no segment is defined")
    vocabulary = vocabulary_of(folder, columns, sensitive)
    definitions = [d for path in paths for d in read_definitions(path, vocabulary)]
    check_references(definitions, {path.stem: path for path in paths})
    return definitions


def segment_files(folder: Path) -> list[Path]:
    """The segment files of a folder, by name."""
    return sorted(p for p in folder.glob("*.yaml") if not p.name.endswith(".odcs.yaml"))


def vocabulary_of(folder: Path, columns: dict[str, str], sensitive: set[str]) -> Vocabulary:
    """What conditions may name beside the files of `folder`."""
    families = {p.stem for p in segment_files(folder) if line_of(p, "for_each") > 0}
    return Vocabulary(
        columns,
        frozenset(sensitive),
        frozenset(p.stem for p in segment_files(folder)) - families,
        tuple(sorted(f"{family}_" for family in families)),
    )


def read_definitions(path: Path, vocabulary: Vocabulary) -> list[Definition]:
    """The definitions of one file: one, or one per clustering. Raises ContractError."""
    document = read_yaml(path)
    _check_entries(path, document)
    for_each = document.get("for_each")
    columns = [for_each]
    if for_each == EVERY_CLUSTERING:
        columns = sorted(c for c in vocabulary.columns if c.startswith("cluster_"))
    elif for_each is not None:
        vocabulary.kind(for_each, _place(path, "for_each"))
    definitions = []
    for column in columns:
        segment_id = path.stem
        if for_each == EVERY_CLUSTERING:
            segment_id = f"{path.stem}_{column.removeprefix('cluster_')}"
        segment = _segment(path, segment_id, document, vocabulary, column)
        leading = int(document.get("leading", 0))
        definitions.append(Definition(segment, path.name, vocabulary, column, leading))
    return definitions


def expand(definition: Definition, values: dict[str, str]) -> list[Segment]:
    """The segments of one definition: itself, or one per value (value -> its name in words)."""
    base = definition.segment
    if definition.for_each is None:
        return [base]
    segments: list[Segment] = []
    for value, words in values.items():
        slug = "".join(c if c.isalnum() else "_" for c in str(value).lower()).strip("_")
        taken = {segment.segment_id for segment in segments}
        segment_id = f"{base.segment_id}_{slug}"
        while segment_id in taken:
            segment_id += "_"
        segments.append(
            replace(
                base,
                segment_id=segment_id,
                name=base.name.replace("{value}", words),
                description=base.description.replace("{value}", words),
                enter=_with_value(definition, base.enter, value),
                exit=_with_value(definition, base.exit, value) if base.exit else None,
            )
        )
    return segments


def _with_value(definition: Definition, condition: Condition, value: str) -> Condition:
    literal = exp.Literal.string(value).sql()
    text = condition.sql.replace("'{value}'", literal)
    return read_condition(text, definition.vocabulary, definition.file)


def check_references(definitions: Iterable[Definition], files: dict[str, Path]) -> None:
    """Refuse circles, and segments in use that ask about a retired one. Raises ContractError."""
    segments = [definition.segment for definition in definitions]
    retired = {s.segment_id for s in segments if s.status == "retired"}
    for segment in segments:
        for other in sorted(segment.segments & retired):
            if segment.status != "retired":
                path = files[segment.segment_id]
                line = line_of(path, SEGMENT + other, anywhere=True)
                raise ContractError(
                    f"{path.name}, line {line}: {other} is retired; define {segment.segment_id} "
                    "without it, or retire it too"
                )
    try:
        in_order(segments)
    except ContractError as error:
        first = str(error).rsplit(": ", 1)[1].split(" -> ")
        path = files[first[0]]
        line = line_of(path, SEGMENT + first[1], anywhere=True)
        raise ContractError(f"{path.name}, line {line}: {error}") from error


def line_of(path: Path, text: str, anywhere: bool = False) -> int:
    """The line on which an entry stands (or a text, `anywhere`); 0 when it stands nowhere."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if text in line if anywhere else line.startswith(f"{text}:"):
            return number
    return 0


def _place(path: Path, entry: str) -> str:
    return f"{path.name}, line {line_of(path, entry) or 1}"


def _check_entries(path: Path, document: Any) -> None:
    given = set(document) if isinstance(document, dict) else set()
    missing, unknown = REQUIRED - given, given - REQUIRED - OPTIONAL
    if missing or unknown:
        raise ContractError(
            f"{path.name}: missing {sorted(missing)}, unknown {sorted(unknown)}; "
            f"a segment has {', '.join(sorted(REQUIRED))} "
            f"and may have {', '.join(sorted(OPTIONAL))}"
        )
    for entry, allowed in (("kind", KINDS), ("status", STATUSES)):
        if document[entry] not in allowed:
            raise ContractError(f"{_place(path, entry)}: {entry} is one of {', '.join(allowed)}")
    if not isinstance(document["review_by"], datetime.date):
        raise ContractError(f"{_place(path, 'review_by')}: review_by is a date like 2027-01-31")
    for entry in NUMBERS:
        number = document.get(entry, 0)
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise ContractError(f"{_place(path, entry)}: {entry} is a whole number, not {number!r}")
    if "where" in given and given & {"enter", "exit"}:
        raise ContractError(f"{_place(path, 'where')}: write where, or enter and exit")
    if "exit" in given and "enter" not in given:
        raise ContractError(f"{_place(path, 'exit')}: exit needs enter beside it")
    if not given & {"where", "enter", *CLAUSES}:
        raise ContractError(f"{path.name}: say who is in it: where, enter or purchased")


def _segment(
    path: Path, segment_id: str, document: Any, vocabulary: Vocabulary, column: str | None
) -> Segment:
    leaving = _written(path, document, "exit", vocabulary, column)
    return Segment(
        segment_id=segment_id,
        name=document["name"],
        kind=document["kind"],
        description=" ".join(document["description"].split()),
        enter=_entering(path, document, vocabulary, column),
        owner=document["owner"],
        purpose=document["purpose"],
        status=document["status"],
        review_by=document["review_by"],
        exit=leaving[0] if leaving else None,
        minimum_stay_days=document.get("minimum_stay_days", 0),
        lookalikes=document.get("lookalikes", 0),
    )


def _entering(path: Path, document: Any, vocabulary: Vocabulary, column: str | None) -> Condition:
    """`where` or `enter`, and every clause of purchases, each checked on its own line."""
    entry = "enter" if "enter" in document else "where"
    parts = _written(path, document, entry, vocabulary, column)
    for clause in CLAUSES:
        if clause in document:
            place = _place(path, clause)
            texts = clauses_sql(clause, document[clause], place)
            parts += [read_condition(text, vocabulary, place) for text in texts]
    if len(parts) == 1:
        return parts[0]
    together = " and ".join(f"({part.sql})" for part in parts)
    return read_condition(together, vocabulary, path.name)


def _written(
    path: Path, document: Any, entry: str, vocabulary: Vocabulary, column: str | None
) -> list[Condition]:
    if entry not in document:
        return []
    text = str(document[entry]).replace("{column}", column or "{column}")
    return [read_condition(text, vocabulary, _place(path, entry))]

"""The segment catalogue: one YAML file a segment, checked before anything runs.

A segment says who is in it: `where`, or `enter` and `exit` (who is in stays until `exit` holds),
`purchased` and `not_purchased` clauses that entering needs too, and how many days a stay lasts at
least. `for_each` makes one segment per leading value of a column; `for_each: cluster_*` one per
cluster of every clustering.

Four steps, each given the result of the one before: read the files, check what each one says,
build definitions (their conditions compiled) and check what they say of each other, expand a
definition into segments.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlglot import exp

from data_contracts.compiler.conditions import Vocabulary, read_condition
from data_contracts.compiler.files import read_yaml
from data_contracts.compiler.purchases import clauses_sql
from data_contracts.definitions.condition import CLUSTER, SEGMENT, Condition
from data_contracts.definitions.contract import ContractError
from data_contracts.definitions.segment import KINDS, STATUSES, Segment, in_order

REQUIRED = {"name", "kind", "description", "owner", "purpose", "status", "review_by"}
CLAUSES = ("purchased", "not_purchased")
NUMBERS = ("minimum_stay_days", "leading", "lookalikes")
OPTIONAL = {"where", "enter", "exit", "for_each", *CLAUSES, *NUMBERS}
EVERY_CLUSTERING = f"{CLUSTER}*"


@dataclass(frozen=True)
class SegmentFile:
    """One file of the catalogue as it was read; nothing in it is checked yet."""

    path: Path
    document: Any

    @property
    def name(self) -> str:
        """The id of the segment, or the beginning of the ids of its copies."""
        return self.path.stem

    @property
    def makes_copies(self) -> bool:
        """Whether it stands for many segments."""
        return isinstance(self.document, dict) and "for_each" in self.document

    def at(self, entry: str) -> str:
        """File and line of an entry, for messages."""
        line = next((n for n, text in self._lines if text.startswith(f"{entry}:")), 1)
        return f"{self.path.name}, line {line}"

    def at_text(self, text: str) -> str:
        """File and first line that has a text in it, for messages."""
        return f"{self.path.name}, line {next((n for n, t in self._lines if text in t), 1)}"

    @cached_property
    def _lines(self) -> list[tuple[int, str]]:
        return list(enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1))


@dataclass(frozen=True)
class Definition:
    """One definition of the catalogue; `for_each` names the column whose values make copies."""

    segment: Segment
    file: str
    vocabulary: Vocabulary = field(repr=False)
    for_each: str | None = None
    leading: int = 0


def load_catalogue(folder: Path, columns: dict[str, str], sensitive: set[str]) -> list[Definition]:
    """Read, check and build every segment of a folder.

    `columns` maps the columns a condition may use to their SQL type. Raises ContractError with
    file and line on whatever cannot be honoured.
    """
    files = read_files(folder)
    if not files:
        raise ContractError(f"{folder}: no segment is defined")
    vocabulary = vocabulary_of(files, columns, sensitive)
    definitions = [definition for file in files for definition in build(file, vocabulary)]
    check_references(definitions, files)
    return definitions


def load_definitions(
    path: Path, folder: Path, columns: dict[str, str], sensitive: set[str]
) -> list[Definition]:
    """The definitions of one file, which may name the segments of `folder`.

    Raises ContractError with file and line on whatever cannot be honoured.
    """
    vocabulary = vocabulary_of(read_files(folder), columns, sensitive)
    return build(SegmentFile(path, read_yaml(path)), vocabulary)


def read_files(folder: Path) -> list[SegmentFile]:
    """The segment files of a folder, by name. Raises ContractError on one that is no YAML."""
    return [SegmentFile(path, read_yaml(path)) for path in sorted(folder.glob("*.yaml"))]


def vocabulary_of(
    files: list[SegmentFile], columns: dict[str, str], sensitive: set[str]
) -> Vocabulary:
    """What conditions may name where the catalogue has these files."""
    families = {file.name for file in files if file.makes_copies}
    return Vocabulary(
        columns,
        frozenset(sensitive),
        frozenset(file.name for file in files) - families,
        tuple(sorted(f"{family}_" for family in families)),
    )


def check_entries(file: SegmentFile) -> None:
    """Refuse entries that are missing, unknown, or not of their kind. Raises ContractError."""
    document = file.document
    entries = set(document) if isinstance(document, dict) else set()
    missing, unknown = REQUIRED - entries, entries - REQUIRED - OPTIONAL
    if missing or unknown:
        raise ContractError(
            f"{file.path.name}: missing {sorted(missing)}, unknown {sorted(unknown)}; "
            f"a segment has {', '.join(sorted(REQUIRED))} "
            f"and may have {', '.join(sorted(OPTIONAL))}"
        )
    for entry, allowed in (("kind", KINDS), ("status", STATUSES)):
        if document[entry] not in allowed:
            raise ContractError(f"{file.at(entry)}: {entry} is one of {', '.join(allowed)}")
    if not isinstance(document["review_by"], datetime.date):
        raise ContractError(f"{file.at('review_by')}: review_by is a date like 2027-01-31")
    for entry in NUMBERS:
        number = document.get(entry, 0)
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise ContractError(f"{file.at(entry)}: {entry} is a whole number, not {number!r}")
    if "where" in entries and entries & {"enter", "exit"}:
        raise ContractError(f"{file.at('where')}: write where, or enter and exit")
    if "exit" in entries and "enter" not in entries:
        raise ContractError(f"{file.at('exit')}: exit needs enter beside it")
    if not entries & {"where", "enter", *CLAUSES}:
        raise ContractError(f"{file.path.name}: say who is in it: where, enter or purchased")


def build(file: SegmentFile, vocabulary: Vocabulary) -> list[Definition]:
    """The definitions of one checked file: one, or one per clustering. Raises ContractError."""
    check_entries(file)
    for_each, leading = file.document.get("for_each"), int(file.document.get("leading", 0))
    if for_each == EVERY_CLUSTERING:
        columns = sorted(c for c in vocabulary.columns if c.startswith(CLUSTER))
        ids = [f"{file.name}_{column.removeprefix(CLUSTER)}" for column in columns]
    else:
        if for_each is not None:
            vocabulary.kind(for_each, file.at("for_each"))
        columns, ids = [for_each], [file.name]
    return [
        Definition(
            _segment(file, segment_id, vocabulary, column),
            file.path.name,
            vocabulary,
            column,
            leading,
        )
        for column, segment_id in zip(columns, ids, strict=True)
    ]


def check_references(definitions: Iterable[Definition], files: Iterable[SegmentFile]) -> None:
    """Refuse circles, and segments in use that ask about a retired one. Raises ContractError."""
    by_name = {file.name: file for file in files}
    segments = [definition.segment for definition in definitions]
    retired = {s.segment_id for s in segments if s.status == "retired"}
    for segment in segments:
        for other in sorted(segment.segments & retired):
            if segment.status != "retired":
                where = by_name[segment.segment_id].at_text(SEGMENT + other)
                raise ContractError(
                    f"{where}: {other} is retired; define {segment.segment_id} "
                    "without it, or retire it too"
                )
    try:
        in_order(segments)
    except ContractError as error:
        first, second = str(error).rsplit(": ", 1)[1].split(" -> ")[:2]
        where = by_name[first].at_text(SEGMENT + second)
        raise ContractError(f"{where}: {error}") from error


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


def _segment(
    file: SegmentFile, segment_id: str, vocabulary: Vocabulary, column: str | None
) -> Segment:
    document = file.document
    leaving = _written(file, "exit", vocabulary, column)
    return Segment(
        segment_id=segment_id,
        name=document["name"],
        kind=document["kind"],
        description=" ".join(document["description"].split()),
        enter=_entering(file, vocabulary, column),
        owner=document["owner"],
        purpose=document["purpose"],
        status=document["status"],
        review_by=document["review_by"],
        exit=leaving[0] if leaving else None,
        minimum_stay_days=document.get("minimum_stay_days", 0),
        lookalikes=document.get("lookalikes", 0),
    )


def _entering(file: SegmentFile, vocabulary: Vocabulary, column: str | None) -> Condition:
    """`where` or `enter`, and every clause of purchases, each checked on its own line."""
    parts = _written(file, "enter" if "enter" in file.document else "where", vocabulary, column)
    for clause in CLAUSES:
        if clause in file.document:
            where = file.at(clause)
            texts = clauses_sql(clause, file.document[clause], where)
            parts += [read_condition(text, vocabulary, where) for text in texts]
    if len(parts) == 1:
        return parts[0]
    together = " and ".join(f"({part.sql})" for part in parts)
    return read_condition(together, vocabulary, file.path.name)


def _written(
    file: SegmentFile, entry: str, vocabulary: Vocabulary, column: str | None
) -> list[Condition]:
    if entry not in file.document:
        return []
    text = str(file.document[entry]).replace("{column}", column or "{column}")
    return [read_condition(text, vocabulary, file.at(entry))]

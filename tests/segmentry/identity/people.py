"""Small worlds of evidence, resolved by the real parts in a database in memory."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import duckdb
import pandas as pd

from data_contracts.compiler.identity_rules import (
    OVERRIDES,
    load_matching_model,
    load_nicknames,
    load_rules,
    load_survivorship,
)
from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.identity_rules import Rules
from segmentry.identity.update import Resolver, update_identity
from segmentry.keys import hash_column
from segmentry.warehouse.tables import create_table

KEY = b"the key of the tests, no secret"
RECORD = "source_customer_id"
SAID = ["email", "phone", "first_name", "last_name", "birth_date", "street", "postal_code", "city"]
SAID += ["region", "country", "time_zone"]


@dataclass
class Evidence:
    """Rows as staging would give them: (day, what). Days count from 2024-01-01."""

    pairs: list[tuple[int, str, str, str, str, str]] = field(default_factory=list)
    records: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)

    def record(
        self, day: int, name: str, loyalty_id: str = "", login: str = "", **said: str
    ) -> None:
        """A version of a customer record."""
        self.records.append((day, name, said))
        for kind in ("email", "phone"):
            if kind in said:
                self.together(day, RECORD, name, kind, said[kind], "customers")
        if loyalty_id:
            self.together(day, RECORD, name, "loyalty_id", loyalty_id, "customers")
        if login:
            self.together(day, RECORD, name, RECORD, login, "customers")

    def login(self, day: int, name: str, browser: str) -> None:
        """Somebody signs in on a browser."""
        self.together(day, RECORD, name, "anonymous_id", browser, "web_events")

    def together(
        self, day: int, a: str, x: str, b: str, y: str, evidence: str = "consents"
    ) -> None:
        """Two identifiers on one row."""
        self.pairs.append((day, a, x, b, y, evidence))

    def until(self, day: int) -> "Evidence":
        """What was known before the end of the day."""
        return Evidence(
            [p for p in self.pairs if p[0] <= day], [r for r in self.records if r[0] <= day]
        )


def date(day: int) -> datetime.date:
    return datetime.date(2024, 1, 1) + datetime.timedelta(days=day)


class World:
    """One warehouse of identities."""

    def __init__(
        self, rules: Rules | None = None, overrides: Sequence[tuple[str, ...]] = ()
    ) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("create schema identity")
        self.contracts = load_contracts()
        for table in self.contracts.of_stage("identity"):
            if table.builder == "python":
                self.connection.execute(create_table(table))
        self.resolver = Resolver(
            rules=rules or load_rules(),
            names=load_nicknames(),
            overrides=pd.DataFrame([*overrides], columns=OVERRIDES),
            survivorship=load_survivorship(),
            model=load_matching_model(),
            hash_texts=hash_column(KEY),
        )

    def override(self, *rows: tuple[object, ...]) -> None:
        frame = pd.DataFrame([*rows], columns=OVERRIDES, dtype=object)
        self.resolver = replace(self.resolver, overrides=frame)

    def resolve(self, evidence: Evidence) -> dict[str, int]:
        """Lay the evidence out, and resolve what is new."""
        self.lay_out(evidence)
        return update_identity(self.connection, self.contracts, self.resolver)

    def lay_out(self, evidence: Evidence) -> None:
        """The tables of evidence as dbt makes them."""
        pairs = [("shop", a, x, b, y, e, date(d)) for d, a, x, b, y, e in evidence.pairs]
        seen = [("shop", a, x, d) for d, a, x, *_ in evidence.pairs]
        seen += [("shop", b, y, d) for d, _, _, b, y, _ in evidence.pairs]
        seen += [("shop", RECORD, name, d) for d, name, _ in evidence.records]
        records = [
            ("shop", name, date(d), *(said.get(c) for c in SAID))
            for d, name, said in evidence.records
        ]
        types = "source_system varchar, identifier_type varchar, identifier varchar"
        self._fill("in_sightings", f"{types}, day integer", seen)
        self._fill(
            "in_pairs",
            f"{types}, other_identifier_type varchar, other_identifier varchar, "
            "evidence varchar, known_date date",
            pairs,
        )
        said = ", ".join(f"{c} {'date' if c == 'birth_date' else 'varchar'}" for c in SAID)
        columns = f"source_system varchar, identifier varchar, known_date date, {said}"
        self._fill("in_records", columns, records)
        self.connection.execute(
            """
            create or replace table identity.idn_sightings as
            select source_system, identifier_type, identifier,
                timestamp '2024-01-01' + to_days(min(day)) as known_at
            from in_sightings group by all;
            create or replace table identity.idn_pairs as
            select * exclude (known_date), min(known_date) as known_date from in_pairs group by all;
            create or replace table identity.idn_records as from in_records;
            """
        )

    def _fill(self, name: str, columns: str, rows: list[tuple[object, ...]]) -> None:
        self.connection.execute(f"create or replace temp table {name} ({columns})")
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            self.connection.executemany(f"insert into {name} values ({marks})", rows)

    def people(self, day: int | None = None) -> set[frozenset[str]]:
        """Who is one person at the end of a day (none: today), as sets of identifiers."""
        when = "valid_to is null" if day is None else f"{_holds(day + 1)}"
        rows = self.connection.execute(
            f"select list(identifier) from identity.customer_identities where {when} "
            "group by customer_id"
        ).fetchall()
        return {frozenset(row[0]) for row in rows}

    def customer(self, identifier: str, day: int | None = None) -> str:
        when = "valid_to is null" if day is None else _holds(day + 1)
        row = self.connection.execute(
            f"select customer_id from identity.customer_identities where identifier = ? and {when}",
            [identifier],
        ).fetchone()
        assert row is not None, f"{identifier} is nobody's"
        return str(row[0])

    def edge(self, one: str, other: str) -> tuple[str, str | None]:
        """Status and reason of the edge between two identifiers."""
        row = self.connection.execute(
            """
            select e.status, e.reason from identity.identity_edges as e
            inner join identity.idn_nodes as l on l.identity_id = e.identity_id
            inner join identity.idn_nodes as r on r.identity_id = e.other_identity_id
            where (l.identifier, r.identifier) in (($one, $other), ($other, $one))
            """,
            {"one": one, "other": other},
        ).fetchone()
        assert row is not None, f"no edge between {one} and {other}"
        return row

    def table(self, name: str) -> list[tuple[object, ...]]:
        return self.connection.execute(f"from identity.{name} order by all").fetchall()


def _holds(day: int) -> str:
    at = f"date '{date(day)}'"
    return f"valid_from < {at} and (valid_to is null or valid_to >= {at})"


def resolved(evidence: Evidence, rules: Rules | None = None) -> World:
    """A world in which everything came at once."""
    world = World(rules)
    world.resolve(evidence)
    return world

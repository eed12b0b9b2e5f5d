"""Simulated shops whose people are known: evidence by dbt, resolved by the real update path."""

import datetime
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from data_contracts.compiler.loading import load_contracts
from orchestration.run import prepare
from segmentry.home import DBT_PROJECT, Home
from segmentry.identity.evidence import EVIDENCE
from segmentry.identity.resolver import project_resolver
from segmentry.identity.update import update_identity
from segmentry.landing.source import land_source
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.tables import create_table
from simulation.world import simulate

START = datetime.date(2023, 1, 2)
# What the truth calls a type -> what we call it; the ids of records carry their system.
TYPES = {
    "loyalty_number": "loyalty_id",
    "phone_number": "phone",
    "context_device_id": "device_id",
    "customer_id": "source_customer_id",
    "shop_customer_id": "source_customer_id",
    "contact_id": "source_customer_id",
    "profile_id": "source_customer_id",
    "user_id": "source_customer_id",
    "member_id": "source_customer_id",
}
# One row per identity and person that it truly belongs to.
SCORED = """
    with truth as (
        select
            coalesce(n.ours, t.identifier_type) as identifier_type,
            case
                when n.ours is distinct from 'source_customer_id' then t.identifier
                when t.identifier_type = 'shop_customer_id' then 'shop:' || t.identifier
                else t.system || ':' || t.identifier
            end as identifier,
            t.person_id
        from read_parquet($truth) as t
        left join names_of_types as n on n.theirs = t.identifier_type
    ),
    people as (select distinct * from truth)
    select i.identity_id, c.customer_id, p.person_id, n.is_blocked
    from people as p
    left join identity.idn_identifiers as i
        on i.identifier_type = p.identifier_type and i.identifier = p.identifier
    left join identity.idn_nodes as n on n.identity_id = i.identity_id
    left join identity.customer_identities as c
        on c.identity_id = i.identity_id and c.valid_to is null
"""


@dataclass(frozen=True)
class Score:
    """Agreement with the truth. shared: identities of several people; unseen: identifiers of the
    truth that no row of the evidence names; blocked: those that name nobody by the rules."""

    identities: int
    precision: float
    recall: float
    bcubed_precision: float
    bcubed_recall: float
    shared: int
    unseen: int
    blocked: int


def build_evidence(folder: Path, customers: int, days: int, seed: int) -> tuple[Path, float]:
    """Simulate and land a shop below `folder` -> folder of its evidence, and dbt's seconds."""
    from dbt.cli.main import dbtRunner

    simulate(customers, days, seed, folder / "world", START)
    home = Home(folder / "home")
    prepare(home)
    warehouse = Warehouse(home)
    contracts = load_contracts()
    warehouse.create(contracts)
    now = datetime.datetime.combine(START + datetime.timedelta(days=days), datetime.time())
    with warehouse.connect() as connection:
        land_source(connection, "omnishop", folder / "world", contracts, now)
    arguments = ["--quiet", "run", "--select", "+path:models/identity"]
    arguments += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    began = time.perf_counter()
    result = dbtRunner().invoke(arguments)
    if not result.success:
        sys.exit(f"dbt failed: {result.exception}")
    seconds = time.perf_counter() - began
    evidence = folder / "evidence"
    evidence.mkdir()
    with warehouse.connect() as connection:
        for name in EVIDENCE:
            connection.execute(f"copy identity.{name} to '{evidence / name}.parquet'")
    return evidence, seconds


class People:
    """Identities of one world's evidence in a database in memory."""

    def __init__(self, evidence: Path) -> None:
        self.evidence = evidence
        self.connection = duckdb.connect()
        self.connection.execute("create schema identity")
        self.contracts, self.resolver = load_contracts(), project_resolver()
        for table in self.contracts.of_stage("identity"):
            if table.builder == "python":
                self.connection.execute(create_table(table))

    def resolve(self, before: datetime.date | None = None) -> float:
        """Resolve what was known before a date (none: everything); the seconds of it."""
        for name in EVIDENCE:
            known = "known_at" if name == "idn_sightings" else "known_date"
            where = f"where {known} < date '{before}'" if before else ""
            self.connection.execute(
                f"create or replace table identity.{name} as "
                f"from '{self.evidence / name}.parquet' {where}"
            )
        began = time.perf_counter()
        update_identity(self.connection, self.contracts, self.resolver)
        return time.perf_counter() - began

    def spans(self) -> pd.DataFrame:
        """Who is who and since when, in a fixed order."""
        return self.connection.execute("from identity.customer_identities order by all").df()

    def identifiers(self) -> int:
        """How many spellings of identifiers there are."""
        return len(self.connection.execute("select 1 from identity.idn_identifiers").fetchall())

    def score(self, truth: Path) -> Score:
        """Compare today's customers with the persons of `truth`, by pairs of identities.

        An identity of several people counts for the one to whom most of its customer belongs, and
        for a wrong one where its customer belongs to none of them.
        """
        names = pd.DataFrame({"theirs": [*TYPES], "ours": [*TYPES.values()]})
        self.connection.register("names_of_types", names)
        rows = self.connection.execute(
            SCORED, {"truth": str(truth / "identifiers" / "*.parquet")}
        ).df()
        unseen = int(rows["identity_id"].isna().sum())
        rows = rows.dropna(subset=["identity_id"]).drop_duplicates(["identity_id", "person_id"])
        blocked = rows["customer_id"].isna()
        rows = rows[~blocked]
        owners = rows.groupby("identity_id")["person_id"].transform("size")
        clear = rows[owners == 1]
        main = clear.groupby("customer_id")["person_id"].agg(lambda people: people.mode()[0])
        fits = rows["person_id"] == rows["customer_id"].map(main)
        ordered = rows.assign(fits=fits).sort_values(
            ["identity_id", "fits", "person_id"], ascending=[True, False, True]
        )
        return Score(
            *_agreement(ordered.drop_duplicates("identity_id")),
            shared=int(rows[owners > 1]["identity_id"].nunique()),
            unseen=unseen,
            blocked=int(blocked.sum()),
        )


def _agreement(rows: pd.DataFrame) -> tuple[int, float, float, float, float]:
    """Identities, pairwise precision and recall, B-cubed precision and recall."""
    both = rows.groupby(["person_id", "customer_id"])["identity_id"].transform("size")
    ours = rows.groupby("customer_id")["identity_id"].transform("size")
    theirs = rows.groupby("person_id")["identity_id"].transform("size")
    pairs = float((both - 1).sum())
    return (
        len(rows),
        pairs / float((ours - 1).sum()),
        pairs / float((theirs - 1).sum()),
        float(np.mean(both / ours)),
        float(np.mean(both / theirs)),
    )


def last_days(evidence: Path, share: float, count: int) -> Sequence[datetime.date]:
    """`count` dates that cut the last `share` of the days of sightings into equal parts."""
    with duckdb.connect() as connection:
        row = connection.execute(
            "select cast(min(known_at) as date), cast(max(known_at) as date) "
            f"from '{evidence / 'idn_sightings'}.parquet'"
        ).fetchone()
    assert row is not None
    first, last = row
    days = (last - first).days + 1
    begin = round(days * (1 - share))
    steps = np.linspace(begin, days, count + 1)[:-1]
    return [first + datetime.timedelta(days=int(step)) for step in steps]

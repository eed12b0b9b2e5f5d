"""What is new in the evidence, and the part of it that stands in the groups it touches."""

from dataclasses import dataclass

import duckdb

EVIDENCE = ("idn_sightings", "idn_pairs", "idn_records")
STATE = (
    "customer_identities",
    "customer_merges",
    "golden_records",
    "identity_edges",
    "idn_descriptions",
    "idn_identifiers",
    "idn_matches",
    "idn_nodes",
    "idn_seen",
)
EDGES = """
    with pairs as (
        select
            least(l.node, r.node) as left_node, greatest(l.node, r.node) as right_node,
            case
                when p.identifier_type = p.other_identifier_type then 'login_id'
                else p.other_identifier_type
            end as rule,
            p.evidence, 1.0 as confidence, p.known_date
        from part_idn_pairs as p
        inner join spellings as l
            on l.source_system = p.source_system and l.identifier_type = p.identifier_type
            and l.identifier = p.identifier
        inner join spellings as r
            on r.source_system = p.source_system and r.identifier_type = p.other_identifier_type
            and r.identifier = p.other_identifier
        union all
        select least(l.node, r.node), greatest(l.node, r.node), 'match', 'matching', m.confidence,
            m.valid_from
        from identity.idn_matches as m
        inner join nodes as l on l.identity_id = m.identity_id
        inner join nodes as r on r.identity_id = m.other_identity_id
    )
    select left_node, right_node, rule, min(known_date) as known_date,
        arg_min(evidence, (known_date, evidence)) as evidence,
        arg_min(confidence, (known_date, -confidence)) as confidence
    from pairs
    where left_node <> right_node
    group by left_node, right_node, rule
    order by left_node, right_node, rule
"""
RECORDS = """
    select s.node, r.* exclude (source_system, identifier),
        case when contains(r.identifier, ':') then split_part(r.identifier, ':', 1)
            else r.source_system end as system
    from (select distinct * from part_idn_records) as r
    inner join spellings as s
        on s.source_system = r.source_system and s.identifier_type = 'source_customer_id'
        and s.identifier = r.identifier
    order by all
"""
REGIONS = """
    select phone, arg_min(country, (known_date, country)) as country
    from identity.idn_records where phone is not null and country is not null group by phone
"""


@dataclass(frozen=True)
class News:
    """How many rows of evidence are new, by table; nothing when all is as it was."""

    counts: dict[str, int]

    def __bool__(self) -> bool:
        return any(self.counts.values())


def find_news(connection: duckdb.DuckDBPyConnection, digest: str) -> News:
    """Compare the evidence with what was seen; leaves it in temp tables new_<table>.

    Where rows are gone, or the rules (`digest`) are others, the state is emptied: all is new.
    """
    current = " union all ".join(
        f"select '{name}' as evidence, cast(hash(t) as varchar) as row_hash "
        f"from identity.{name} as t"
        for name in EVIDENCE
    )
    connection.execute(
        f"create or replace temp table evidence_now as {current} union all select 'rules', $digest",
        {"digest": digest},
    )
    gone = connection.execute(
        "select count(*) from identity.idn_seen as s anti join evidence_now as e "
        "on e.evidence = s.evidence and e.row_hash = s.row_hash"
    ).fetchone()
    if gone and gone[0]:
        for name in STATE:
            connection.execute(f"delete from identity.{name}")
    connection.execute(
        "create or replace temp table evidence_new as select distinct e.* from evidence_now as e "
        "anti join identity.idn_seen as s on s.evidence = e.evidence and s.row_hash = e.row_hash"
    )
    counts = {}
    for name in EVIDENCE:
        connection.execute(
            f"create or replace temp table new_{name} as select t.* from identity.{name} as t "
            f"semi join (select row_hash from evidence_new where evidence = '{name}') as e "
            "on e.row_hash = cast(hash(t) as varchar)"
        )
        counts[name] = _count(connection, f"new_{name}")
    return News(counts)


def touch_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Lay out the evidence of every group that is touched, in temp tables part_<table>.

    Reads `fresh_spellings`, the new ones with their identity_id, and `new_matches`. Leaves
    `part_identities`, the nodes that are resolved anew.
    """
    connection.execute(
        """
        create or replace temp table part_spellings as
        with named as (
            select source_system, identifier_type, identifier from new_idn_pairs
            union select source_system, other_identifier_type, other_identifier from new_idn_pairs
            union select source_system, 'source_customer_id', identifier from new_idn_records
        ),
        touched as (
            select identity_id from identity.idn_identifiers
            semi join named using (source_system, identifier_type, identifier)
            union select identity_id from fresh_spellings
            union select identity_id from new_matches
            union select other_identity_id from new_matches
        ),
        groups as (
            select distinct group_id from identity.idn_nodes semi join touched using (identity_id)
        ),
        nodes as (
            select identity_id from identity.idn_nodes semi join groups using (group_id)
        )
        select source_system, identifier_type, identifier, identity_id
        from identity.idn_identifiers semi join nodes using (identity_id)
        union select source_system, identifier_type, identifier, identity_id from fresh_spellings
        """
    )
    connection.execute(
        "create or replace temp table part_identities as "
        "select distinct identity_id from part_spellings"
    )
    for name in EVIDENCE:
        key = "'source_customer_id'" if name == "idn_records" else "t.identifier_type"
        connection.execute(
            f"create or replace temp table part_{name} as select t.* from identity.{name} as t "
            "semi join part_spellings as p on p.source_system = t.source_system "
            f"and p.identifier_type = {key} and p.identifier = t.identifier"
        )


def remember(connection: duckdb.DuckDBPyConnection) -> None:
    """The evidence as it is now has been resolved."""
    connection.execute("insert into identity.idn_seen from evidence_new")


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(f"select count(*) from {name}").fetchone()
    return int(row[0]) if row else 0

"""The law of the house over its source: floors, rooms, what each may hold. See law/."""

from collections import Counter

import pytest

from tests.architecture.counts import EXCEPTIONS, read_exceptions, violations
from tests.architecture.law.strings import transpile_error
from tests.architecture.rules import RULES

# One process parses the tree once for all of them.
pytestmark = pytest.mark.xdist_group("rooms")
RENEW = "python -m tests.architecture.counts --renew"


@pytest.mark.parametrize("rule", RULES)
def test_nothing_breaks_the_rule_but_what_its_list_lets_pass(rule):
    allowed = read_exceptions(rule)
    seen: Counter[str] = Counter()
    new = []
    for violation in violations(rule):
        seen[violation.key] += 1
        if seen[violation.key] > allowed[violation.key]:
            new.append(str(violation))
    assert not new, "\n".join([str(RULES[rule].__doc__), *new])


@pytest.mark.parametrize("rule", RULES)
def test_a_list_of_exceptions_only_shrinks(rule):
    today = Counter(violation.key for violation in violations(rule))
    mended = read_exceptions(rule) - today
    assert not mended, f"{rule}: no longer broken: {sorted(mended)}; shorten the list by: {RENEW}"


def test_every_list_of_exceptions_belongs_to_a_rule():
    assert {path.stem for path in EXCEPTIONS.glob("*.txt")} <= set(RULES)


def test_sql_that_another_engine_cannot_run_is_seen():
    assert not transpile_error("select arg_max(a, b) from t qualify row_number() over () = 1")
    assert "duckdb_columns" in transpile_error("select * from duckdb_columns()")

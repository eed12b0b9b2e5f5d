"""The rules see what they are about, on small trees made to break each of them."""

import pytest

from tests.architecture.law.arrows import circles
from tests.architecture.rules import RULES

BROKEN = {
    "upward_imports": ("segmentry/home.py", "from orchestration.run import prepare"),
    "libraries": ("segmentry/report/build.py", "import dagster as dg"),
    "engine_openings": ("segmentry/report/read.py", "import duckdb\nduckdb.connect()"),
    "impure_learning": ("ml/frames.py", "def read(connection): ..."),
    "backward_rooms": ("segmentry/landing/files.py", "from segmentry.report import build"),
    "circles_of_modules": ("ml/origins.py", "from ml.targets import season"),
    "circles_of_rooms": ("ml/origins.py", "from ml.targets import season"),
    "facts_elsewhere": ("segmentry/explain/customer.py", "A = 'select * from ops.settings'"),
    "sql_in_orchestration": ("orchestration/run.py", "A = 'select a from b'"),
    "untranspilable_sql": ("segmentry/home.py", "A = 'select * from duckdb_columns()'"),
    "content_literals": ("ml/frames.py", "A = 'recency_days'"),
    "rooms_described": ("ml/targets/__init__.py", ""),
}
ALSO = {
    "orchestration/run.py": "",
    "segmentry/report/build.py": "",
    "ml/targets/season.py": "from ml.origins import YEAR",
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_names_the_file_that_breaks_it(rule, tmp_path):
    broken, text = BROKEN[rule]
    for path, content in {**ALSO, broken: text}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    found = list(RULES[rule](tmp_path))
    assert found
    file = broken.removesuffix(".py")
    assert file in str(found[0]) or file.replace("/", ".").rsplit(".", 1)[0] in str(found[0])


def test_a_crowded_folder_and_a_prefix_are_seen(tmp_path):
    (tmp_path / "ml").mkdir()
    for number in range(21):
        (tmp_path / f"ml/{'cluster' if number < 3 else f'm{number}'}_{number}.py").touch()
    told = [str(violation) for violation in RULES["crowded_folders"](tmp_path)]
    assert len(told) == 2
    assert "21 modules" in told[0]
    assert "cluster*" in told[1]


def test_a_long_body_of_an_asset_is_seen_and_its_docstring_does_not_count(tmp_path):
    (tmp_path / "orchestration").mkdir()
    lines = '    """Told\n    at length."""\n' + "    x = 1\n" * 20
    path = tmp_path / "orchestration/defs.py"
    path.write_text(f"@dg.asset\ndef short():\n{lines}\n@dg.asset\ndef long():\n{lines}    x = 2\n")
    assert [v.key for v in RULES["dagster_bodies"](tmp_path)] == ["orchestration/defs.py long()"]


def test_circles_are_found_however_long():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"a"}}
    assert circles(graph) == [["a", "b", "c"]]

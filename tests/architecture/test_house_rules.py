"""The rules of the house, over the tree, the dbt manifest and the asset graph."""

import ast
import json
import re
from pathlib import Path

import pytest
import sqlglot

from data_contracts.compiler.loading import load_contracts
from data_contracts.compiler.to_dbt import out_of_step
from data_contracts.definitions.contract import STAGES
from orchestration.definitions import build_defs
from segmentry.home import DBT_PROJECT, PROJECT, Home
from tests.architecture.record_specs import spec_lines

PREFIXES = {
    "staging": ("stg_",),
    "identity": ("idn_",),
    "core": ("dim_", "fct_"),
    "features": ("ftr_",),
    "models": (),
    "segments": ("seg_",),
    "ops": (),
}
PUBLISHED = set(load_contracts().tables)
IMPURE = {
    "dagster",
    "duckdb",
    "os",
    "time",
    "requests",
    "httpx",
    "pickle",
    "joblib",
}


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return Home(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def defs(home):
    return build_defs(home)


@pytest.fixture(scope="session")
def manifest(home, defs):  # noqa: ARG001 - building the definitions parses the project
    return json.loads((home.dbt / "target" / "manifest.json").read_text())


@pytest.fixture(scope="session")
def models(manifest):
    return {k: v for k, v in manifest["nodes"].items() if v["resource_type"] == "model"}


def stage_of(node):
    return node["fqn"][1] if node["resource_type"] == "model" else node["source_name"]


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_stages_only_go_forward(manifest, models):
    everything = manifest["nodes"] | manifest["sources"]
    order = {stage: position for position, stage in enumerate(STAGES)}
    backward = [
        f"{everything[parent]['name']} ({stage_of(everything[parent])}) -> {model['name']}"
        for model in models.values()
        for parent in model["depends_on"]["nodes"]
        if "ops" not in (stage_of(everything[parent]), stage_of(model))
        and order[stage_of(everything[parent])] > order[stage_of(model)]
    ]
    assert not backward


def test_a_building_block_carries_the_prefix_of_its_folder(models):
    wrong = [
        f"{model['name']}: in {stage_of(model)}/ a building block starts with "
        f"{' or '.join(PREFIXES[stage_of(model)])}, a published table has a contract"
        for model in models.values()
        if not model["name"].startswith(PREFIXES[stage_of(model)])
        and f"{stage_of(model)}.{model['name']}" not in PUBLISHED
    ]
    assert not wrong


def test_only_staging_reads_raw(manifest, models):
    wrong = [
        model["name"]
        for model in models.values()
        for parent in model["depends_on"]["nodes"]
        if parent.startswith("source.")
        and manifest["sources"][parent]["source_name"] == "raw"
        and stage_of(model) != "staging"
    ]
    assert not wrong


def test_every_contracted_dbt_table_has_a_model_and_every_model_is_described(models):
    built = {f"{stage_of(m)}.{m['name']}" for m in models.values()}
    promised = {t.full_name for t in load_contracts().tables.values() if t.builder == "dbt"}
    assert promised <= built
    contracted = [m for m in models.values() if m["config"]["contract"]["enforced"]]
    assert all(m["description"] for m in contracted)
    assert all(c["description"] for m in contracted for c in m["columns"].values())


def test_generated_yaml_is_in_step_with_the_contracts():
    stale = out_of_step(load_contracts(), DBT_PROJECT)
    assert not stale, "run segmentry contracts sync"


def test_ml_is_pure():
    for path in (PROJECT / "ml").rglob("*.py"):
        found = imports_of(path) & IMPURE
        assert not found, f"{path.name} imports {found}: reading and writing belong elsewhere"
        assert not re.search(r"\b(now|today|utcnow)\(", path.read_text()), path.name


def test_no_sensitive_column_reaches_features_models_or_segments():
    contracts = load_contracts()
    sensitive = contracts.sensitive_columns()
    assert sensitive, "demographics are sensitive"
    for table in contracts.tables.values():
        if table.schema in ("features", "models", "segments"):
            found = sensitive & {column.name for column in table.columns}
            assert not found, f"{table.full_name} carries {found}"


def test_personal_columns_stay_in_raw_staging_identity_and_ops():
    contracts = load_contracts()
    for table in contracts.tables.values():
        personal = [c.name for c in table.columns if c.classification == "personal"]
        assert not (personal and table.served), f"{table.full_name} would publish {personal}"


def test_the_feature_mart_has_sixty_features_and_more_each_described():
    table = load_contracts().tables["features.customer_features"]
    features = [c for c in table.columns if c.name not in ("customer_id", "as_of_date")]
    assert len(features) >= 60
    assert len({c.description for c in features}) == len(features), "two features, one meaning"


def test_every_asset_is_owned_described_and_grouped_by_stage(defs):
    stages = {*STAGES, "ops", "serving"}
    for spec in defs.resolve_all_asset_specs():
        name = spec.key.to_user_string()
        assert spec.owners, f"{name} has no owner"
        assert spec.description, f"{name} has no description"
        assert spec.group_name in stages, f"{name} is in group {spec.group_name}"


def test_asset_specs_are_as_recorded(defs):
    """Keys, groups and edges cannot change unseen: renew with the command in the message."""
    recorded = Path(__file__).with_name("asset_specs.txt")
    assert recorded.read_text() == spec_lines(defs), (
        "the asset graph changed; if that is meant, renew the record: "
        "python -m tests.architecture.record_specs"
    )


def test_every_compiled_model_transpiles_to_other_warehouses(home, models):
    from dbt.cli.main import dbtRunner

    arguments = ["--quiet", "compile", "--project-dir", str(DBT_PROJECT)]
    result = dbtRunner().invoke([*arguments, "--profiles-dir", str(DBT_PROJECT)])
    assert result.success, result.exception
    compiled = home.dbt / "target" / "compiled" / "segmentry" / "models"
    files = [path for path in compiled.rglob("*.sql") if ".yml" not in str(path)]
    assert len(files) == len(models)
    for path in files:
        for dialect in ("spark", "snowflake", "bigquery"):
            sqlglot.transpile(
                path.read_text(),
                read="duckdb",
                write=dialect,
                unsupported_level=sqlglot.ErrorLevel.RAISE,
            )


def test_duckdb_only_words_live_in_macros():
    words = r"\b(list_|struct_|unnest|arg_max|arg_min|date_diff|isodow|exclude|qualify|hash)\b\s*\("
    for path in (DBT_PROJECT / "models").rglob("*.sql"):
        found = re.findall(words, path.read_text())
        assert not found, f"{path.name} uses {found}: put them behind a dispatched macro"


def test_files_stay_small_enough_to_hold_one_idea():
    for folder, ending, limit in (
        ("ml", "*.py", 300),
        ("orchestration", "*.py", 300),
        ("segmentry", "*.py", 300),
        ("data_contracts", "*.py", 300),
        ("simulation", "*.py", 300),
        ("dbt_project/models", "*.sql", 120),
    ):
        for path in (PROJECT / folder).rglob(ending):
            lines = len(path.read_text().splitlines())
            assert lines <= limit, f"{path.relative_to(PROJECT)} has {lines} lines"


def test_no_pipeline_code_reads_the_truth_of_a_simulated_world():
    """The truth folder is for judging only: whoever is judged must not know that it exists."""
    folder = re.compile(r"\btruth/|/truth\b|[\"']truth[\"']|simulation\.truth|\bTRUTH\b")
    for name in ("ml", "segmentry", "orchestration", "data_contracts", "dbt_project"):
        for path in (PROJECT / name).rglob("*"):
            if path.suffix not in (".py", ".sql", ".yaml", ".yml") or "target" in path.parts:
                continue
            found = folder.search(path.read_text())
            assert not found, f"{path.relative_to(PROJECT)} names the truth folder"


def test_the_demo_data_and_homes_are_not_committed():
    ignored = (PROJECT / ".gitignore").read_text().split()
    assert {".venv/", ".segmentry/"} <= set(ignored)

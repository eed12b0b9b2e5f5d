"""`segmentry dev` serves the whole lineage, grouped by stage, with checks, job and schedule."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from data_contracts.definitions.contract import STAGES
from tests.conftest import COMMAND

QUERY = """{ assetNodes { groupName description owners { ... on TeamAssetOwner { team } }
  assetChecksOrError { ... on AssetChecks { checks { name blocking } } } }
  repositoriesOrError { ... on RepositoryConnection { nodes {
    jobs { name } schedules { name } } } } }"""


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    """What the UI's own GraphQL answers; the server is stopped by the id it was started with."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("dev") / "home"
    server = subprocess.Popen(
        [*COMMAND, "dev", "--home", str(home), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield answer(f"http://127.0.0.1:{port}/graphql")
    finally:
        os.kill(server.pid, signal.SIGTERM)
        server.wait(timeout=60)


def answer(url: str) -> dict:
    body = json.dumps({"query": QUERY}).encode()
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as response:
                data = json.load(response)["data"]
            if data["assetNodes"]:
                return data
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(1)
    raise AssertionError("the Dagster UI did not answer")


def test_assets_are_grouped_by_stage_owned_and_described(graph):
    nodes = graph["assetNodes"]
    groups = {node["groupName"] for node in nodes}
    assert groups <= {*STAGES, "ops", "serving"}
    assert {"raw", "staging", "identity", "core", "features", "models", "segments"} <= groups
    assert all(node["owners"] and node["description"] for node in nodes)


def test_checks_of_dbt_and_great_expectations_hang_on_their_tables(graph):
    checks = [c for n in graph["assetNodes"] for c in n["assetChecksOrError"].get("checks", [])]
    assert sum(check["blocking"] for check in checks if check["name"] == "contract") >= 30
    assert any(check["name"].startswith("unique_combination") for check in checks)


def test_scoring_is_daily_training_monthly_and_one_job_does_the_whole_line(graph):
    (repository,) = graph["repositoriesOrError"]["nodes"]
    assert {"whole_line", "score", "retrain"} <= {job["name"] for job in repository["jobs"]}
    assert [schedule["name"] for schedule in repository["schedules"]] == ["daily", "monthly"]

"""Home keeps everything a run makes; its configuration refuses what it does not know."""

import subprocess
import sys

import pytest

from segmentry.home import PROJECT, Config, ConfigurationError, Home


def test_the_configuration_survives_a_round_trip(tmp_path):
    home = Home(tmp_path / "home")
    config = Config(sources={"standard": "/data"}, reporting_currency="EUR", cadence_days=14)
    home.write_config(config)
    assert home.read_config() == config


def test_an_unknown_entry_is_named_with_the_known_ones(tmp_path):
    home = Home(tmp_path)
    home.config_file.write_text("cadence: 7\n")
    with pytest.raises(
        ConfigurationError, match=r"unknown entries \['cadence'\]; known are sources"
    ):
        home.read_config()


def test_home_is_the_option_then_the_environment_then_the_project(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMENTRY_HOME", str(tmp_path / "env"))
    assert Home.at(tmp_path / "option").root == tmp_path / "option"
    assert Home.at().root == tmp_path / "env"
    monkeypatch.delenv("SEGMENTRY_HOME")
    assert Home.at().root == PROJECT / ".segmentry"


def test_every_library_is_told_to_keep_quiet(tmp_path):
    settings = Home(tmp_path).environment()
    assert settings["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert settings["GX_ANALYTICS_ENABLED"] == "false"


def test_help_imports_nothing_heavy():
    code = (
        "import sys, orchestration.cli.main; "
        "print([m for m in ('dagster','dbt','pandas','duckdb','sklearn','great_expectations') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""Our contracts are ODCS: expanded by the dictionary, the standard's own JSON schema takes them."""

import json
from importlib.resources import files

import jsonschema
import pytest

from data_contracts.compiler.files import read_yaml
from data_contracts.compiler.loading import ROOT, for_targets, load_contracts
from data_contracts.definitions.contract import TYPES

FILES = sorted(ROOT.glob("tables/*/*.odcs.yaml"))
SCHEMA = json.loads((files("open_data_contract_standard") / "schema.json").read_text())


@pytest.fixture(scope="module")
def dictionary():
    return load_contracts().dictionary


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".odcs.yaml"))
def test_the_file_is_an_open_data_contract(path, dictionary):
    document = read_yaml(path)
    for table in document["schema"]:
        table["properties"] = for_targets(table["properties"], load_contracts().targets)
        for entry in table["properties"]:
            column = dictionary[entry["name"]]
            entry["logicalType"], entry["physicalType"] = TYPES[column.type]
            entry["description"] = column.description
            entry["classification"] = column.classification
    jsonschema.Draft201909Validator(SCHEMA).validate(document)

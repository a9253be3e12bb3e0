"""Checks the files for SpinKube against Kubernetes' schemas and against each other."""

import json
import tomllib
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import yaml
from files import DEPLOY, manifest, runtime_config_errors

SPINKUBE = DEPLOY / "spinkube"
FILES = sorted(SPINKUBE.glob("*.yaml"))
KUBERNETES = "1.33"


def documents():
    return [
        pytest.param(document, id=f"{file.stem}-{document['kind']}")
        for file in FILES
        for document in yaml.safe_load_all(file.read_text())
    ]


def of_kind(kind):
    return [document for (document,) in (p.values for p in documents()) if document["kind"] == kind]


def secret_keys():
    """Returns the keys of each secret, by the secret's name."""
    return {secret["metadata"]["name"]: set(secret["stringData"]) for secret in of_kind("Secret")}


def secret_references(node):
    """Yields every secretKeyRef below a node."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "secretKeyRef":
                yield value
            else:
                yield from secret_references(value)
    elif isinstance(node, list):
        for value in node:
            yield from secret_references(value)


@pytest.mark.parametrize("document", documents())
def test_document_matches_its_schema(document):
    if document["kind"] == "SpinApp":
        schema = json.loads(Path(__file__).with_name("spinapp.schema.json").read_text())
        jsonschema.validate(document, schema)
    else:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_schemas_refuse_a_misspelt_member():
    [job] = of_kind("CronJob")
    job["spec"]["shedule"] = job["spec"].pop("schedule")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, KUBERNETES, strict=True)
    [app] = of_kind("SpinApp")
    app["spec"]["replica"] = 2
    schema = json.loads(Path(__file__).with_name("spinapp.schema.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(app, schema)


def test_every_secret_that_is_named_exists():
    secrets = secret_keys()
    references = [r for (document,) in (p.values for p in documents()) for r in secret_references(document)]
    assert references
    for reference in references:
        assert reference["key"] in secrets[reference["name"]]
    [app] = of_kind("SpinApp")
    assert "runtime-config.toml" in secrets[app["spec"]["runtimeConfig"]["loadFromSecret"]]


def test_the_application_sets_only_variables_of_its_manifest_and_all_required_ones():
    variables = manifest(SPINKUBE / "spin.toml")["variables"]
    [app] = of_kind("SpinApp")
    names = [variable["name"] for variable in app["spec"]["variables"]]
    assert len(names) == len(set(names))
    assert set(names) <= set(variables)
    required = {name for name, variable in variables.items() if variable.get("required")}
    assert required <= set(names)


def test_secret_variables_come_from_secrets():
    variables = manifest(SPINKUBE / "spin.toml")["variables"]
    [app] = of_kind("SpinApp")
    for variable in app["spec"]["variables"]:
        if variables[variable["name"]].get("secret"):
            assert "secretKeyRef" in variable["valueFrom"], variable["name"]


def test_issuers_are_json():
    [secret] = [s for s in of_kind("Secret") if "bearer_issuers" in s["stringData"]]
    for name in ("bearer_issuers", "platform_issuers"):
        assert isinstance(json.loads(secret["stringData"][name]), list)


def test_the_runtime_configuration_is_one_of_spins():
    [secret] = [s for s in of_kind("Secret") if "runtime-config.toml" in s["stringData"]]
    assert runtime_config_errors(tomllib.loads(secret["stringData"]["runtime-config.toml"])) == []


def test_the_timer_calls_the_trigger_of_the_application():
    [app], [job] = of_kind("SpinApp"), of_kind("CronJob")
    [container] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    # The operator makes a service of the application's name, on port 80.
    assert f"http://{app['metadata']['name']}/trigger/pastdueorders" in container["command"][-1]

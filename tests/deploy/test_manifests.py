"""Checks the manifests for other hosts against the one at the top."""

import pytest
from files import DEPLOY, ROOT, manifest, runtime_config_errors

MANIFESTS = sorted(DEPLOY.glob("*/spin.toml"))
OWN = manifest(ROOT / "spin.toml")
# They belong to the sandbox, which these manifests leave out.
OF_THE_SANDBOX = {"dev_mail"}


def own_variables():
    return OWN["component"]["email-orders"]["variables"]


def of(path):
    return path.parent.name


@pytest.mark.parametrize("path", MANIFESTS, ids=of)
def test_variables_are_those_of_the_main_manifest(path):
    theirs = manifest(path)["variables"]
    for name, variable in OWN["variables"].items():
        if name not in OF_THE_SANDBOX:
            assert theirs.get(name) == variable, name


@pytest.mark.parametrize("path", MANIFESTS, ids=of)
def test_the_component_gets_every_variable(path):
    read = manifest(path)
    given = read["component"]["email-orders"]["variables"]
    fixed = {name: value for name, value in own_variables().items() if "{{" not in value}
    assert given == {name: f"{{{{ {name} }}}}" for name in read["variables"]} | fixed


@pytest.mark.parametrize("path", MANIFESTS, ids=of)
def test_the_components_are_those_that_the_build_yields(path):
    read = manifest(path)
    sources = [component["source"] for component in read["component"].values()]
    for component in read["component"].values():
        sources += [dependency["path"] for dependency in component.get("dependencies", {}).values()]
    for source in sources:
        file = (path.parent / source).resolve()
        assert file.parent == ROOT / "target/wasm32-wasip2/release"
        # `cargo xtask test` builds before.
        assert file.exists(), source


@pytest.mark.parametrize("path", MANIFESTS, ids=of)
def test_every_interface_is_satisfied_and_the_sandbox_left_out(path):
    read = manifest(path)
    main = OWN["component"]["email-orders"]
    theirs = read["component"]["email-orders"]
    assert theirs["dependencies"].keys() == main["dependencies"].keys()
    assert "sandbox" not in path.read_text().split("spin_manifest_version")[1]
    assert read["component"]["email-orders"]["key_value_stores"] == main["key_value_stores"]


@pytest.mark.parametrize("path", sorted((DEPLOY / "runtime-config").glob("*.toml")), ids=lambda p: p.stem)
def test_runtime_configurations_are_spins(path):
    assert runtime_config_errors(manifest(path)) == []


def test_an_unknown_or_missing_member_of_a_runtime_configuration_is_found():
    config = manifest(DEPLOY / "runtime-config/dynamodb.toml")
    store = config["key_value_store"]["default"]
    store["consistent_reads"] = store.pop("consistent_read")
    del store["table"]
    assert sorted(runtime_config_errors(config)) == [
        "default: consistent_read must be True",
        "default: consistent_reads is unknown",
        "default: table is missing",
    ]

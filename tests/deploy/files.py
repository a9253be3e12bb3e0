"""Shared by the tests of deploy/: the places of files, and the settings that Spin knows."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"

# The members of a key-value store in Spin's runtime configuration, by its type: required, optional.
STORES = {
    "redis": ({"url"}, set()),
    "azure_cosmos": ({"account", "database", "container"}, {"key"}),
    "aws_dynamo": ({"region", "table"}, {"consistent_read", "access_key", "secret_key", "token"}),
}
# The settings of a store that this application requires, by the store's type.
NEEDED = {"aws_dynamo": {"consistent_read": True}}


def manifest(path):
    return tomllib.loads(path.read_text())


def runtime_config_errors(config):
    """Returns the settings that Spin does not know or that this application cannot work with."""
    errors = [f"unknown table {name}" for name in config.keys() - {"key_value_store", "outbound_networking"}]
    if set(config.get("outbound_networking", {})) != {"block_networks"}:
        errors.append("networks are not blocked")
    stores = config.get("key_value_store", {})
    if set(stores) != {"default"}:
        errors.append("the store `default` alone is used")
    for name, store in stores.items():
        members = dict(store)
        kind = members.pop("type", None)
        if kind not in STORES:
            errors.append(f"{name}: unknown type {kind}")
            continue
        required, optional = STORES[kind]
        errors += [f"{name}: {member} is missing" for member in required - members.keys()]
        errors += [f"{name}: {member} is unknown" for member in members.keys() - required - optional]
        needed = NEEDED.get(kind, {})
        errors += [f"{name}: {member} must be {value}" for member, value in needed.items() if members.get(member) != value]
    return errors

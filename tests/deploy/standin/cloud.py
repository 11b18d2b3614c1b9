"""A small cloud in a file: resources by type and name, what each was made with, secrets, and every call as it came.

It is strict where Azure is: what lies in a group needs the group, a role needs the thing it is for, a vault is made once.
`AZ_STANDIN_FAIL_AT=n` fails the n-th changing call and those after it (`AZ_STANDIN_FAIL_COUNT` of them), `before` they do
anything or `after` (`AZ_STANDIN_FAIL_WHEN`).
`AZ_STANDIN_KEEP=folder` keeps the state as it was before each changing call.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from templates import resources_of

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
TENANT = "22222222-2222-2222-2222-222222222222"
OPERATOR = "33333333-3333-3333-3333-333333333333"

Flags = dict[str, list[str]]


class Refused(Exception):
    """What the real service would refuse, too."""


class Cloud:
    """The state. `things` are by "type/name"."""

    def __init__(self, path: Path) -> None:
        self.path = path
        known = json.loads(path.read_text()) if path.exists() else {}
        self.things: dict[str, dict[str, Any]] = known.get("things", {})
        self.deleted: list[str] = known.get("deleted", [])
        self.calls: list[list[str]] = known.get("calls", [])
        self.changes: int = known.get("changes", 0)

    def save(self) -> None:
        text = {"things": self.things, "deleted": self.deleted, "calls": self.calls, "changes": self.changes}
        self.path.write_text(json.dumps(text, indent=1, sort_keys=True))

    def put(self, kind: str, name: str, facts: dict[str, Any]) -> None:
        self.things[f"{kind}/{name}"] = {**self.things.get(f"{kind}/{name}", {}), **facts}

    def get(self, kind: str, name: str) -> dict[str, Any]:
        thing = self.things.get(f"{kind}/{name}")
        if thing is None:
            raise Refused(f"(ResourceNotFound) {kind}/{name}")
        return thing


def words_and_flags(argv: list[str]) -> tuple[str, Flags]:
    """`group create --name x` → ("group create", {"--name": ["x"]})."""
    words: list[str] = []
    flags: Flags = {}
    last: str | None = None
    for argument in argv:
        if argument.startswith("--"):
            last = argument
            flags.setdefault(last, [])
        elif last is None:
            words.append(argument)
        else:
            flags[last].append(argument)
    return " ".join(words), flags


def one(flags: Flags, name: str) -> str:
    try:
        return flags[name][0]
    except (KeyError, IndexError):
        raise Refused(f"the following arguments are required: {name}") from None


def facts_of(flags: Flags) -> dict[str, Any]:
    """What a thing was made with. The files behind --file and --yaml are gone afterwards, so their text is kept."""
    facts: dict[str, Any] = {}
    for flag, values in flags.items():
        if flag in ("--output", "--query"):
            continue
        if flag in ("--yaml", "--file") and Path(values[0]).is_file():
            facts[f"{flag} text"] = Path(values[0]).read_text()
        else:
            facts[flag] = values[0] if len(values) == 1 else values
    return facts


def in_group(cloud: Cloud, flags: Flags) -> None:
    cloud.get("group", one(flags, "--resource-group"))


def make(kind: str, name_flag: str = "--name", *, once: bool = False) -> Callable[[Cloud, Flags], str]:
    """A handler that makes a thing of a kind; `once` where the service refuses to make it again."""

    def handler(cloud: Cloud, flags: Flags) -> str:
        if kind != "group":
            in_group(cloud, flags)
        name = one(flags, name_flag)
        if once and f"{kind}/{name}" in cloud.things:
            raise Refused(f"(AlreadyExists) {kind}/{name}")
        if f"{kind}/{name}" in cloud.deleted:
            raise Refused(f"(ConflictError) {kind}/{name} exists in a deleted state")
        cloud.put(kind, name, facts_of(flags))
        return "{}"

    return handler


def show(kind: str, name_flag: str = "--name", **answers: str) -> Callable[[Cloud, Flags], str]:
    """A handler that shows a thing; `answers` by the query's last word, made from its name."""

    def handler(cloud: Cloud, flags: Flags) -> str:
        name = one(flags, name_flag)
        cloud.get(kind, name)
        query = flags.get("--query", [""])[0].rsplit(".", 1)[-1]
        return answers[query].format(name=name) if query in answers else "{}"

    return handler


def account(cloud: Cloud, flags: Flags) -> str:
    return {"id": SUBSCRIPTION, "tenantId": TENANT, "": "{}"}[flags.get("--query", [""])[0]]


def delete_group(cloud: Cloud, flags: Flags) -> str:
    """Everything in it goes with it; the vault stays as a deleted one."""
    cloud.get("group", one(flags, "--name"))
    for key in list(cloud.things):
        if key.startswith("vault/"):
            cloud.deleted.append(key)
        if not key.startswith(("registration/", "principal/", "provider/")):
            del cloud.things[key]
    return ""


def assign_role(cloud: Cloud, flags: Flags) -> str:
    """Refuses a role for what is not there, and the same role twice under different names."""
    scope, name = one(flags, "--scope"), one(flags, "--name")
    kind_of = {
        "storageAccounts": "storage",
        "vaults": "vault",
        "registries": "registry",
        "schedulers": "Microsoft.DurableTask/schedulers",
        "components": "Microsoft.Insights/components",
    }
    if "/containers/" in scope:
        parts = scope.split("/")
        kind, thing = "Microsoft.Storage/storageAccounts/blobServices/containers", f"{parts[8]}/default/{parts[-1]}"
    else:
        kind, thing = kind_of[scope.split("/")[-2]], scope.split("/")[-1]
    cloud.get(kind, thing)
    facts = {
        flag: one(flags, flag) for flag in ("--assignee-object-id", "--assignee-principal-type", "--role", "--scope")
    }
    for key, other in cloud.things.items():
        if key.startswith("role/") and other == facts and key != f"role/{name}":
            raise Refused("(RoleAssignmentExists) The role assignment already exists.")
    cloud.put("role", name, facts)
    return "{}"


def deploy(cloud: Cloud, flags: Flags) -> str:
    """An ARM template: its resources become things."""
    in_group(cloud, flags)
    template = json.loads(Path(one(flags, "--template-file")).read_text())
    given: dict[str, Any] = {}
    for text in flags.get("--parameters", []):
        if text.startswith("@"):
            given |= {
                key: entry["value"] for key, entry in json.loads(Path(text[1:]).read_text())["parameters"].items()
            }
        else:
            key, _, value = text.partition("=")
            given[key] = value
    for kind, name, properties in resources_of(template, given):
        cloud.put(kind, name, properties)
    open_ones = {
        key: str(given[key]) for key, entry in template["parameters"].items() if entry["type"] != "securestring"
    }
    cloud.put("deployment", one(flags, "--name"), {"parameters": open_ones})
    return "{}"


def show_deployment(cloud: Cloud, flags: Flags) -> str:
    cloud.get("deployment", one(flags, "--name"))
    output = one(flags, "--query").split(".")[-2]
    return {
        "connectionString": "InstrumentationKey=44444444-4444-4444-4444-444444444444",
        "endpoint": "https://dts.example",
    }[output]


def list_deployments(cloud: Cloud, flags: Flags) -> str:
    budget = cloud.things.get("deployment/budget", {})
    return str(budget.get("parameters", {}).get("start", ""))


def list_registrations(cloud: Cloud, flags: Flags) -> str:
    wanted = one(flags, "--display-name")
    return "55555555-5555-5555-5555-555555555555" if f"registration/{wanted}" in cloud.things else ""


def make_registration(cloud: Cloud, flags: Flags) -> str:
    return _put_free(cloud, "registration", one(flags, "--display-name"), flags)


def delete_registration(cloud: Cloud, flags: Flags) -> str:
    for key in [key for key in cloud.things if key.startswith(("registration/", "principal/"))]:
        del cloud.things[key]
    return ""


def _put_free(cloud: Cloud, kind: str, name: str, flags: Flags) -> str:
    """Things that lie in no group."""
    cloud.put(kind, name, facts_of(flags))
    return "{}"


def change(kind: str, name_flag: str = "--name", prefix: str = "") -> Callable[[Cloud, Flags], str]:
    """A handler that changes a thing that must be there."""

    def handler(cloud: Cloud, flags: Flags) -> str:
        name = one(flags, name_flag)
        cloud.get(kind, name)
        cloud.put(kind, name, {f"{prefix}{key}": value for key, value in facts_of(flags).items()})
        return "{}"

    return handler


def add_rule(cloud: Cloud, flags: Flags) -> str:
    storage = cloud.get("storage", one(flags, "--account-name"))
    rules = storage.setdefault("rules", [])
    rule = flags.get("--subnet", flags.get("--ip-address", [""]))[0]
    if rule not in rules:
        rules.append(rule)
    return "{}"


def set_secret(cloud: Cloud, flags: Flags) -> str:
    cloud.get("vault", one(flags, "--vault-name"))
    value = Path(one(flags, "--file")).read_text()
    key = f"secret/{one(flags, '--name')}"
    version = cloud.things.get(key, {}).get("version", 0) + (cloud.things.get(key, {}).get("value") != value)
    cloud.things[key] = {"value": value, "version": version}
    return "{}"


def show_secret(cloud: Cloud, flags: Flags) -> str:
    name = one(flags, "--name")
    secret = cloud.get("secret", name)
    return (
        str(secret["value"])
        if flags.get("--query") == ["value"]
        else f"https://vault/secrets/{name}/{secret['version']}"
    )


def recover_vault(cloud: Cloud, flags: Flags) -> str:
    cloud.deleted.remove(f"vault/{one(flags, '--name')}")
    cloud.put("vault", one(flags, "--name"), facts_of(flags))
    return "{}"


def purge_vault(cloud: Cloud, flags: Flags) -> str:
    cloud.deleted.remove(f"vault/{one(flags, '--name')}")
    return ""


def list_deleted(cloud: Cloud, flags: Flags) -> str:
    return "\n".join(key.removeprefix("vault/") for key in cloud.deleted)


def make_app(cloud: Cloud, flags: Flags) -> str:
    in_group(cloud, flags)
    name, text = one(flags, "--name"), Path(one(flags, "--yaml")).read_text()
    cloud.put("app", name, {"yaml": text, "external": "external: true" in text})
    return "{}"


def open_app(cloud: Cloud, flags: Flags) -> str:
    name = one(flags, "--name")
    cloud.get("app", name)
    text = cloud.things[f"app/{name}"]["yaml"].replace("external: false", "external: true")
    cloud.put("app", name, {"yaml": text, "external": one(flags, "--type") == "external"})
    return "{}"


def show_auth(cloud: Cloud, flags: Flags) -> str:
    return str(cloud.get("app", one(flags, "--name")).get("auth --enabled", ""))


def build(cloud: Cloud, flags: Flags) -> str:
    cloud.get("registry", one(flags, "--registry"))
    return _put_free(cloud, "image", one(flags, "--image"), {"--file": ["Dockerfile"]})


def tags(cloud: Cloud, flags: Flags) -> str:
    cloud.get("registry", one(flags, "--name"))
    mark = f"image/{one(flags, '--repository')}:"
    return "\n".join(key.removeprefix(mark) for key in cloud.things if key.startswith(mark))


def nothing(cloud: Cloud, flags: Flags) -> str:
    return "{}"


READING: dict[str, Callable[[Cloud, Flags], str]] = {
    "account show": account,
    "account set": nothing,
    "ad app list": list_registrations,
    "ad signed-in-user show": lambda cloud, flags: OPERATOR,
    "ad sp show": show("principal", "--id"),
    "acr show": show("registry"),
    "acr repository show-tags": tags,
    "acr login": nothing,
    "containerapp auth show": show_auth,
    "containerapp env show": show("environment", defaultDomain="pond-1234.westeurope.azurecontainerapps.io"),
    "containerapp ingress disable": nothing,
    "containerapp logs show": show("app"),
    "containerapp revision list": show("app"),
    "containerapp show": show("app", fqdn="{name}.pond-1234.westeurope.azurecontainerapps.io"),
    "deployment group list": list_deployments,
    "deployment group show": show_deployment,
    "eventgrid system-topic event-subscription show": nothing,
    "eventgrid system-topic show": show("topic", principalId="66666666-6666-6666-6666-666666666666"),
    "group show": show("group", app="simpi-media-compression"),
    "login": nothing,
    "identity show": show(
        "identity", clientId="77777777-7777-7777-7777-777777777777", principalId="88888888-8888-8888-8888-888888888888"
    ),
    "keyvault list-deleted": list_deleted,
    "keyvault secret show": show_secret,
    "keyvault show": show("vault"),
    "network vnet subnet show": show("subnet"),
    "signalr key list": lambda cloud, flags: "Endpoint=https://signalr.example;AccessKey=canary-signalr;Version=1.0;",
    "signalr show": show("signalr"),
    "storage blob list": nothing,
    "storage message peek": nothing,
}

CHANGING: dict[str, Callable[[Cloud, Flags], str]] = {
    "acr build": build,
    "acr create": make("registry"),
    "ad app create": make_registration,
    "ad app delete": delete_registration,
    "ad app update": nothing,
    "ad sp create": lambda cloud, flags: _put_free(cloud, "principal", one(flags, "--id"), flags),
    "ad sp update": lambda cloud, flags: _put_free(cloud, "principal", one(flags, "--id"), flags),
    "containerapp auth microsoft update": change("app", prefix="microsoft "),
    "containerapp auth update": change("app", prefix="auth "),
    "containerapp create": make_app,
    "containerapp env create": make("environment"),
    "containerapp ingress enable": open_app,
    "containerapp update": change("app", prefix="updated "),
    "deployment group create": deploy,
    "eventgrid system-topic create": make("topic"),
    "group create": make("group"),
    "group delete": delete_group,
    "identity create": make("identity"),
    "keyvault create": make("vault", once=True),
    "keyvault purge": purge_vault,
    "keyvault recover": recover_vault,
    "keyvault secret set": set_secret,
    "monitor diagnostic-settings create": lambda cloud, flags: _put_free(
        cloud, "diagnostics", one(flags, "--name"), flags
    ),
    "monitor log-analytics workspace create": make("workspace", "--workspace-name"),
    "network vnet create": make("vnet"),
    "network vnet subnet create": make("subnet"),
    "provider register": lambda cloud, flags: _put_free(cloud, "provider", one(flags, "--namespace"), flags),
    "role assignment create": assign_role,
    "signalr create": make("signalr"),
    "storage account create": make("storage"),
    "storage account network-rule add": add_rule,
    "storage account update": change("storage"),
}


def answer(cloud: Cloud, argv: list[str]) -> str:
    """Do what a call asks; fail where the test wants it."""
    words, flags = words_and_flags(argv)
    if words in READING:
        return READING[words](cloud, flags)
    if words not in CHANGING:
        raise Refused(f"'{words}' is misspelled or not recognized by the system.")
    cloud.changes += 1
    if keep := os.environ.get("AZ_STANDIN_KEEP"):
        cloud.save()
        shutil.copy(cloud.path, Path(keep) / f"before-{cloud.changes:03d}.json")
    first, count = int(os.environ.get("AZ_STANDIN_FAIL_AT", "0")), int(os.environ.get("AZ_STANDIN_FAIL_COUNT", "99"))
    due = bool(first) and first <= cloud.changes < first + count
    if due and os.environ.get("AZ_STANDIN_FAIL_WHEN", "before") == "before":
        raise Refused("(ServiceUnavailable) planted")
    told = CHANGING[words](cloud, flags)
    if due:
        cloud.save()
        raise Refused("(GatewayTimeout) planted, after it was done")
    return told


def main(argv: list[str]) -> None:
    """One call."""
    cloud = Cloud(Path(os.environ["AZ_STANDIN_STATE"]))
    cloud.calls.append(argv)
    try:
        told = answer(cloud, argv)
    except Refused as refusal:
        cloud.save()
        sys.stderr.write(f"ERROR: {refusal}\n")
        sys.exit(3 if "NotFound" in str(refusal) else 1)
    cloud.save()
    sys.stdout.write(told + "\n")

"""What a deployment must never be: our own rules, asked of what the scripts really make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy.conftest import CANARIES
from tests.deploy.running import Deployment

State = dict[str, dict[str, Any]]

BLOBS = "Microsoft.Storage/storageAccounts/blobServices"


def the(state: State, kind: str) -> dict[str, Any]:
    """The one thing of a kind."""
    (found,) = [
        facts for key, facts in state.items() if key.startswith(f"{kind}/") and key.count("/") == kind.count("/") + 1
    ]
    return found


def storage_takes_no_keys(state: State) -> bool:
    return bool(the(state, "storage")["--allow-shared-key-access"] == "false")


def storage_speaks_tls_1_2_only(state: State) -> bool:
    storage = the(state, "storage")
    return bool(storage["--min-tls-version"] == "TLS1_2" and storage["--https-only"] == "true")


def nothing_is_public_unless_asked(state: State) -> bool:
    wanted = 'value: "public"' in the(state, "app")["yaml"]
    containers = {
        key.rsplit("/", 1)[1]: facts["publicAccess"]
        for key, facts in state.items()
        if key.startswith(f"{BLOBS}/containers/")
    }
    others = {access for name, access in containers.items() if name != "processed"}
    return the(state, "storage")["--allow-blob-public-access"] == str(wanted).lower() and others == {"None"} and (
        containers["processed"] == ("Blob" if wanted else "None")
    )  # fmt: skip


def cors_names_its_origins(state: State) -> bool:
    (service,) = [facts for key, facts in state.items() if key.startswith(f"{BLOBS}/") and key.endswith("/default")]
    origins = [origin for rule in service["cors"]["corsRules"] for origin in rule["allowedOrigins"]]
    return bool(origins) and all(re.fullmatch(r"https://[a-z0-9.-]+", origin) for origin in origins)


def deleted_blobs_can_be_brought_back(state: State) -> bool:
    (service,) = [facts for key, facts in state.items() if key.startswith(f"{BLOBS}/") and key.endswith("/default")]
    return bool(service["deleteRetentionPolicy"]["enabled"] and service["containerDeleteRetentionPolicy"]["enabled"])


def the_registry_has_no_password(state: State) -> bool:
    return bool(the(state, "registry")["--admin-enabled"] == "false")


def the_vault_goes_by_roles(state: State) -> bool:
    return bool(the(state, "vault")["--enable-rbac-authorization"] == "true")


def insights_takes_no_key(state: State) -> bool:
    return bool(the(state, "Microsoft.Insights/components")["DisableLocalAuth"] is True)


def the_pool_is_fixed_unless_dts(state: State) -> bool:
    text = the(state, "app")["yaml"]
    least, most = (
        int(found[1]) if (found := re.search(rf"{key}: (\d+)", text)) else -1 for key in ("minReplicas", "maxReplicas")
    )
    return 1 <= least <= most <= 10 if "azureManaged" in text else least == most >= 1


def the_app_needs_sign_in_and_https(state: State) -> bool:
    app = the(state, "app")
    return app["auth --enabled"] == app["auth --require-https"] == "true" and "allowInsecure: false" in app["yaml"]


def the_app_has_one_revision_and_time_to_stop(state: State) -> bool:
    text = the(state, "app")["yaml"]
    return (
        "activeRevisionsMode: Single" in text
        and "terminationGracePeriodSeconds: 600" in text
        and "kind: functionapp" in text
    )


def every_secret_comes_from_the_vault(state: State) -> bool:
    text = the(state, "app")["yaml"]
    block = text.split("secrets:\n", 1)[1].split("  template:", 1)[0]
    return (
        block.count("- name:") == block.count("keyVaultUrl: https://") == block.count("identity: /subscriptions/") >= 4
    )


def the_secrets_are_in_no_other_place(state: State) -> bool:
    rest = {
        key: facts for key, facts in state.items()
        if not key.startswith("secret/") and "eventSubscriptions" not in key
    }  # fmt: skip
    text = json.dumps(rest)
    return not any(facts["value"] in text for key, facts in state.items() if key.startswith("secret/"))


def the_app_may_do_only_what_it_needs(state: State) -> bool:
    granted = {
        (facts["--role"], facts["--scope"].split("/")[-2]) for key, facts in state.items() if key.startswith("role/")
    }
    return granted <= {
        ("Storage Blob Data Owner", "storageAccounts"),
        ("Storage Queue Data Contributor", "storageAccounts"),
        ("Storage Table Data Contributor", "storageAccounts"),
        ("Storage Blob Data Contributor", "storageAccounts"),
        ("Storage Blob Data Contributor", "containers"),
        ("AcrPull", "registries"),
        ("Key Vault Secrets User", "vaults"),
        ("Key Vault Secrets Officer", "vaults"),
        ("Monitoring Metrics Publisher", "components"),
        ("Durable Task Data Contributor", "schedulers"),
    }


def events_are_filtered_retried_and_kept(state: State) -> bool:
    (subscription,) = [facts for key, facts in state.items() if "eventSubscriptions/" in key]
    (only,) = subscription["filter"]["advancedFilters"]
    return (
        set(only["values"]) == {"PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose"}
        and subscription["filter"]["subjectBeginsWith"].endswith("/containers/uploads/")
        and subscription["retryPolicy"]["eventTimeToLiveInMinutes"] == 1440
        and subscription["deadLetterWithResourceIdentity"]["deadLetterDestination"]["properties"]["blobContainerName"]
        == "dead-letters"
    )


def temp_is_swept(state: State) -> bool:
    (policy,) = [facts["policy"] for key, facts in state.items() if "managementPolicies" in key]
    (rule,) = [rule for rule in policy["rules"] if rule["definition"]["filters"]["prefixMatch"] == ["temp/"]]
    return bool(
        rule["enabled"] and rule["definition"]["actions"]["baseBlob"]["delete"]["daysAfterModificationGreaterThan"] == 1
    )


def uploads_are_kept_unless_asked(state: State) -> bool:
    (policy,) = [facts["policy"] for key, facts in state.items() if "managementPolicies" in key]
    (rule,) = [rule for rule in policy["rules"] if rule["definition"]["filters"]["prefixMatch"] == ["uploads/"]]
    days = rule["definition"]["actions"]["baseBlob"]["delete"]["daysAfterModificationGreaterThan"]
    return bool(rule["enabled"] is (days > 1))


def a_closed_storage_lets_us_in_first(state: State) -> bool:
    storage = the(state, "storage")
    if "rules" not in storage:
        return True
    return storage["--default-action"] == "Deny" and any("/subnets/apps" in rule for rule in storage["rules"])


POLICIES: list[Callable[[State], bool]] = [
    storage_takes_no_keys,
    storage_speaks_tls_1_2_only,
    nothing_is_public_unless_asked,
    cors_names_its_origins,
    deleted_blobs_can_be_brought_back,
    the_registry_has_no_password,
    the_vault_goes_by_roles,
    insights_takes_no_key,
    the_pool_is_fixed_unless_dts,
    the_app_needs_sign_in_and_https,
    the_app_has_one_revision_and_time_to_stop,
    every_secret_comes_from_the_vault,
    the_secrets_are_in_no_other_place,
    the_app_may_do_only_what_it_needs,
    events_are_filtered_retried_and_kept,
    temp_is_swept,
    uploads_are_kept_unless_asked,
    a_closed_storage_lets_us_in_first,
]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_the_plain_deployment_keeps(policy: Callable[[State], bool], plain: Deployment) -> None:
    assert policy(plain.things)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_the_full_deployment_keeps(policy: Callable[[State], bool], full: Deployment) -> None:
    assert policy(full.things)


MISTAKES: list[tuple[Callable[[State], bool], str, str]] = [
    (storage_takes_no_keys, '"--allow-shared-key-access": "false"', '"--allow-shared-key-access": "true"'),
    (storage_speaks_tls_1_2_only, "TLS1_2", "TLS1_0"),
    (nothing_is_public_unless_asked, '"publicAccess": "None"', '"publicAccess": "Blob"'),
    (cors_names_its_origins, "https://ca-acme-media.pond-1234.westeurope.azurecontainerapps.io", "*"),
    (the_registry_has_no_password, '"--admin-enabled": "false"', '"--admin-enabled": "true"'),
    (the_vault_goes_by_roles, '"--enable-rbac-authorization": "true"', '"--enable-rbac-authorization": "false"'),
    (insights_takes_no_key, '"DisableLocalAuth": true', '"DisableLocalAuth": false'),
    (the_pool_is_fixed_unless_dts, "maxReplicas: 1", "maxReplicas: 5"),
    (the_pool_is_fixed_unless_dts, "minReplicas: 1", "minReplicas: 0"),
    (the_app_needs_sign_in_and_https, '"auth --enabled": "true"', '"auth --enabled": "false"'),
    (the_app_has_one_revision_and_time_to_stop, "activeRevisionsMode: Single", "activeRevisionsMode: Multiple"),
    (every_secret_comes_from_the_vault, "keyVaultUrl: https://", "value: "),
    (the_secrets_are_in_no_other_place, "managedidentity", CANARIES["SIMPI_API_TOKEN"]),
    (the_app_may_do_only_what_it_needs, "Key Vault Secrets User", "Owner"),
    (events_are_filtered_retried_and_kept, '"PutBlockList"', '"DeleteBlob"'),
    (temp_is_swept, '"temp/"', '"tmp/"'),
]


@pytest.mark.parametrize(("policy", "right", "wrong"), MISTAKES, ids=lambda value: getattr(value, "__name__", None))
def test_a_planted_mistake_is_caught(
    policy: Callable[[State], bool], right: str, wrong: str, plain: Deployment
) -> None:
    text = json.dumps(plain.things)
    assert right in text
    mutated = json.loads(text.replace(right, wrong))
    try:
        kept = policy(mutated)
    except (KeyError, ValueError):
        kept = False
    assert not kept


@pytest.mark.parametrize("which", ["plain", "full"])
def test_no_secret_is_ever_an_argument_of_a_command(which: str, request: pytest.FixtureRequest) -> None:
    made: Deployment = request.getfixturevalue(which)
    said = json.dumps(made.calls)
    values = [facts["value"] for facts in made.of_kind("secret").values()]
    assert len(values) >= 6
    assert not [value for value in values if value in said]


def test_no_secret_is_shown_by_a_dry_run(deployment: Deployment) -> None:
    shown = deployment.up("--dry-run", **CANARIES)
    assert shown.returncode == 0
    assert "canary" not in shown.stdout + shown.stderr


def test_extras_cost_nothing_unless_asked_for(plain: Deployment, full: Deployment) -> None:
    extras = ("signalr", "Microsoft.DurableTask/schedulers", "Microsoft.Cdn/profiles", "vnet")
    for extra in extras:
        assert not plain.of_kind(extra)
        assert full.of_kind(extra)

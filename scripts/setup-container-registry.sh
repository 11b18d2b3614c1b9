#!/usr/bin/env bash
# setup-container-registry.sh --name NAME --location REGION [--parameters FILE] [--dry-run]
#
# Makes the resource group, the identity and the container registry, and nothing else: for those who bring the image first.
set -Eeuo pipefail
# shellcheck source=SCRIPTDIR/../infra/lib/all.sh
source "$(dirname "${BASH_SOURCE[0]}")/../infra/lib/all.sh"

main() {
  read_options "$@"
  no_more_options
  need az sha1sum
  trap on_error ERR
  step "1. The subscription and the resource group"
  find_subscription
  use_subscription
  register_providers
  make_group
  step "2. The identity that may pull"
  make_identity
  step "3. The registry"
  make_registry
  step "Done"
  say "The registry is $REGISTRY.azurecr.io."
}

main "$@"

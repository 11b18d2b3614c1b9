#!/usr/bin/env bash
# deploy.sh --name NAME --location REGION [options]
#
# Brings the whole system to Azure, or an existing one to what the parameters say. Safe to run again at any time.
#
#   --parameters FILE   a copy of infra/parameters.env with your values
#   --name, --location, --subscription, --cpu, --memory, --replicas, --image-tag, --api-auth, --signalr VALUE
#   --dts               Durable Task Scheduler, scaling from 1 to 10 (otherwise a fixed pool)
#   --front-door        Front Door before the public outputs
#   --rotate-keys       new host keys; those who call with the old ones need the new ones
#   --dry-run           show every command, run none
#   --names             show the parameters and the names that follow from them, and end
set -Eeuo pipefail
# shellcheck source=SCRIPTDIR/lib/all.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/all.sh"

# shellcheck disable=SC2034  # read by make_host_keys
ROTATE_KEYS=false

main() {
  local option names=false
  read_options "$@"
  for option in "${REST[@]}"; do
    case $option in
      --rotate-keys)
        # shellcheck disable=SC2034
        ROTATE_KEYS=true
        ;;
      --names) names=true ;;
      *) fail "what is «$option»? --help shows the options" ;;
    esac
  done
  if [[ $names == true ]]; then
    derive_names "${SUBSCRIPTION_ID:-$NO_SUBSCRIPTION}"
    show_names
    return
  fi
  need az curl sha1sum
  trap on_error ERR
  everything
}

everything() {
  step "1. The subscription and the resource group"
  find_subscription
  use_subscription
  register_providers
  make_group
  find_operator
  step "2. The identity that the app acts as"
  make_identity
  step "3. Logs"
  make_logs
  step "4. The image"
  make_registry
  find_tag
  build_image
  step "5. The environment that the app runs in"
  make_network
  make_environment
  step "6. Storage"
  make_storage
  close_storage
  step "7. Secrets"
  make_vault
  make_host_keys
  keep_given_secrets
  mark_secrets
  step "8. Extras: SignalR, Durable Task Scheduler"
  make_signalr
  make_scheduler
  step "9. The app"
  make_app
  step "10. Sign-in"
  make_sign_in
  open_app
  wait_for_app
  step "11. Uploads reach the app"
  make_topic
  subscribe_to_uploads
  step "12. Front Door, alerts, budget"
  make_front_door
  make_alerts
  make_budget
  step "Done"
  if [[ $DRY_RUN == true ]]; then printf '# nothing was run\n'; fi
  say "The app is at $ADDRESS. See that it works: ./simpi deploy smoke --name $(p NAME) --location $(p LOCATION)"
}

main "$@"

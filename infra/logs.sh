#!/usr/bin/env bash
# logs.sh --name NAME --location REGION [--follow] [--system] [--dry-run]
#
# The app's newest log lines; --follow goes on, --system shows what the platform says (starts, pulls, probes).
set -Eeuo pipefail
# shellcheck source=SCRIPTDIR/lib/all.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/all.sh"

main() {
  local option kind=console follow=false
  read_options "$@"
  for option in "${REST[@]}"; do
    case $option in
      --follow) follow=true ;;
      --system) kind=system ;;
      *) fail "what is «$option»? --help shows the options" ;;
    esac
  done
  need az
  find_subscription
  local show=(az containerapp logs show --name "$APP" --resource-group "$RESOURCE_GROUP" --type "$kind" --tail 100
    --follow "$follow" --format text)
  if [[ $DRY_RUN == true ]]; then shown "${show[@]}"; else "${show[@]}"; fi
}

main "$@"

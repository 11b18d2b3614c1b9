#!/usr/bin/env bash
# status.sh --name NAME --location REGION [--dry-run]
#
# How a deployment stands: the app and its replicas, the event subscription, queues and what waits in them.
set -Eeuo pipefail
# shellcheck source=SCRIPTDIR/lib/all.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/all.sh"

look() {
  if [[ $DRY_RUN == true ]]; then shown "$@"; else "$@" || say "    (no answer)"; fi
}

main() {
  read_options "$@"
  no_more_options
  need az
  find_subscription
  local app=(--name "$APP" --resource-group "$RESOURCE_GROUP")
  step "The app"
  look az containerapp show "${app[@]}" --output table \
    --query '{address: properties.configuration.ingress.fqdn, state: properties.provisioningState, running: properties.runningStatus, image: properties.template.containers[0].image}'
  step "Its revisions and replicas"
  look az containerapp revision list "${app[@]}" --output table \
    --query '[].{revision: name, active: properties.active, replicas: properties.replicas, health: properties.healthState, made: properties.createdTime}'
  step "The event subscription"
  look az eventgrid system-topic event-subscription show --name "$EVENT_SUBSCRIPTION" --system-topic-name "$TOPIC" \
    --resource-group "$RESOURCE_GROUP" --output table --query '{state: provisioningState, container: filter.subjectBeginsWith}'
  step "Jobs that failed for good (the first 32 on the poison queue)"
  look az storage message peek --queue-name media-processing-poison-queue --num-messages 32 --account-name "$STORAGE" \
    --auth-mode login --query '[].{since: insertionTime, job: content}' --output table
  step "Uploads that Event Grid could not hand over"
  look az storage blob list --container-name dead-letters --account-name "$STORAGE" --auth-mode login --num-results 20 \
    --query '[].{event: name, size: properties.contentLength}' --output table
}

main "$@"

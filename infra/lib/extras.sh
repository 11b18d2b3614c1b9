# What not everybody needs: SignalR, the Durable Task Scheduler, Front Door.
# shellcheck shell=bash

make_signalr() {
  [[ $(p SIGNALR) == none ]] && return 0
  exists az signalr show --name "$SIGNALR_NAME" --resource-group "$RESOURCE_GROUP" ||
    run az signalr create --name "$SIGNALR_NAME" --resource-group "$RESOURCE_GROUP" --location "$(p LOCATION)" \
      --sku "$(p SIGNALR)" --unit-count 1 --service-mode Serverless --allowed-origins "$ADDRESS" --tags "$TAG"
  local connection
  ask connection "<connection string of $SIGNALR_NAME>" az signalr key list --name "$SIGNALR_NAME" \
    --resource-group "$RESOURCE_GROUP" --query primaryConnectionString --output tsv
  put_secret azuresignalrconnectionstring "$connection"
}

make_scheduler() {
  is_on DTS || return 0
  deploy scheduler scheduler.json name="$SCHEDULER" location="$(p LOCATION)" taskHub="$TASK_HUB"
  ask SCHEDULER_ENDPOINT "<endpoint of $SCHEDULER>" az deployment group show --name scheduler \
    --resource-group "$RESOURCE_GROUP" --query properties.outputs.endpoint.value --output tsv
  grant_app "Durable Task Data Contributor" "$SCHEDULER_ID"
}

make_front_door() {
  is_on FRONT_DOOR || return 0
  deploy front-door front-door.json name="$FRONT_DOOR_NAME" endpoint="$FRONT_DOOR_ENDPOINT" \
    origin="$STORAGE.blob.core.windows.net"
}

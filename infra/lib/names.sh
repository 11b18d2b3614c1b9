# What each resource is called. Everything follows from NAME and the subscription, so that a second run finds the first one's.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the names are used by the other files

# derive_names SUBSCRIPTION-ID
derive_names() {
  local name flat hash
  name=$(p NAME)
  flat=${name//-/}
  hash=$(printf '%s/%s' "$1" "$name" | sha1sum)
  SUFFIX=${hash:0:6}
  SUBSCRIPTION_ID=$1
  RESOURCE_GROUP=rg-$name
  IDENTITY=id-$name
  WORKSPACE=log-$name
  INSIGHTS=appi-$name
  REGISTRY=cr$flat$SUFFIX
  STORAGE=st$flat$SUFFIX
  VAULT=kv$flat$SUFFIX
  VNET=vnet-$name
  ENVIRONMENT=cae-$name
  APP=ca-$name
  TOPIC=egst-$name
  EVENT_SUBSCRIPTION=uploads
  SIGNALR_NAME=sigr-$name-$SUFFIX
  SCHEDULER=dts-$name-$SUFFIX
  FRONT_DOOR_NAME=afd-$name
  FRONT_DOOR_ENDPOINT=$name-$SUFFIX
  ACTION_GROUP=ag-$name
  BUDGET=budget-$name
  SIGN_IN_APP="SIMPI Media ($name)"
  REPOSITORY=simpi-media
  TASK_HUB=SimpiMedia
  GROUP_ID=/subscriptions/$SUBSCRIPTION_ID/resourceGroups/$RESOURCE_GROUP
  IDENTITY_ID=$GROUP_ID/providers/Microsoft.ManagedIdentity/userAssignedIdentities/$IDENTITY
  STORAGE_ID=$GROUP_ID/providers/Microsoft.Storage/storageAccounts/$STORAGE
  REGISTRY_ID=$GROUP_ID/providers/Microsoft.ContainerRegistry/registries/$REGISTRY
  VAULT_ID=$GROUP_ID/providers/Microsoft.KeyVault/vaults/$VAULT
  WORKSPACE_ID=$GROUP_ID/providers/Microsoft.OperationalInsights/workspaces/$WORKSPACE
  INSIGHTS_ID=$GROUP_ID/providers/Microsoft.Insights/components/$INSIGHTS
  ENVIRONMENT_ID=$GROUP_ID/providers/Microsoft.App/managedEnvironments/$ENVIRONMENT
  SCHEDULER_ID=$GROUP_ID/providers/Microsoft.DurableTask/schedulers/$SCHEDULER
  SUBNET_ID=$GROUP_ID/providers/Microsoft.Network/virtualNetworks/$VNET/subnets/apps
  check_length STORAGE 3 24
  check_length VAULT 3 24
  check_length REGISTRY 5 50
  check_length APP 2 32
  check_length SIGNALR_NAME 3 63
  check_length SCHEDULER 3 64
  check_length ACTION_GROUP 1 260
}

check_length() {
  local value=${!1}
  ((${#value} >= $2 && ${#value} <= $3)) || fail "the name $value would have ${#value} characters, $1 takes $2 to $3"
}

show_names() {
  local key
  for key in "${!PARAMETERS[@]}"; do printf '%s=%s\n' "$key" "${PARAMETERS[$key]}"; done | sort
  for key in RESOURCE_GROUP IDENTITY WORKSPACE INSIGHTS REGISTRY STORAGE VAULT VNET ENVIRONMENT APP TOPIC EVENT_SUBSCRIPTION \
    SIGNALR_NAME SCHEDULER FRONT_DOOR_NAME ACTION_GROUP BUDGET SIGN_IN_APP TASK_HUB; do
    printf '@%s=%s\n' "$key" "${!key}"
  done
}

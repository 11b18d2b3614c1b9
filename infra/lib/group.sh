# The ground: the subscription, its resource providers, the resource group that everything lies in, and roles.
# shellcheck shell=bash
# shellcheck disable=SC2034  # OPERATOR_ID and the like are used by the other files

TAG="app=simpi-media-compression"
NO_SUBSCRIPTION=00000000-0000-0000-0000-000000000000

find_subscription() {
  local account=(az account show --query id --output tsv) id
  [[ -n $(p SUBSCRIPTION) ]] && account+=(--subscription "$(p SUBSCRIPTION)")
  ask id "$NO_SUBSCRIPTION" "${account[@]}" || fail "not signed in, or no such subscription: az login, then az account set"
  derive_names "$id"
}

# Only where one was asked for: it also becomes the one of later az commands.
use_subscription() { [[ -z $(p SUBSCRIPTION) ]] || run az account set --subscription "$SUBSCRIPTION_ID"; }

register_providers() {
  local provider providers=(Microsoft.App Microsoft.OperationalInsights Microsoft.Insights Microsoft.ManagedIdentity
    Microsoft.ContainerRegistry Microsoft.Storage Microsoft.KeyVault Microsoft.EventGrid)
  [[ -n $(p ALLOWED_IP_RANGES) ]] && providers+=(Microsoft.Network)
  [[ $(p SIGNALR) != none ]] && providers+=(Microsoft.SignalRService)
  [[ $(p BUDGET_AMOUNT) != 0 ]] && providers+=(Microsoft.Consumption)
  is_on DTS && providers+=(Microsoft.DurableTask)
  is_on FRONT_DOOR && providers+=(Microsoft.Cdn)
  for provider in "${providers[@]}"; do run az provider register --namespace "$provider" --wait; done
}

make_group() {
  local tag
  if exists az group show --name "$RESOURCE_GROUP"; then
    ask tag simpi-media-compression az group show --name "$RESOURCE_GROUP" --query tags.app --output tsv
    [[ $tag == "${TAG#app=}" ]] || fail "the group $RESOURCE_GROUP is not ours (no tag $TAG); choose another --name"
  else
    run az group create --name "$RESOURCE_GROUP" --location "$(p LOCATION)" --tags "$TAG"
  fi
}

# Who deploys may put secrets into the vault and look into the storage.
find_operator() {
  OPERATOR_ID=$(p OPERATOR_ID)
  OPERATOR_KIND=ServicePrincipal
  [[ -z $OPERATOR_ID ]] || return 0
  OPERATOR_KIND=User
  ask OPERATOR_ID "<your object id>" az ad signed-in-user show --query id --output tsv ||
    fail "who is signed in cannot be read: sign in as a user (az login), or set OPERATOR_ID to the service principal's object id"
}

make_identity() {
  run az identity create --name "$IDENTITY" --resource-group "$RESOURCE_GROUP" --location "$(p LOCATION)" --tags "$TAG"
  local query=(az identity show --name "$IDENTITY" --resource-group "$RESOURCE_GROUP" --output tsv)
  ask IDENTITY_CLIENT_ID "<client id of $IDENTITY>" "${query[@]}" --query clientId
  ask IDENTITY_OBJECT_ID "<object id of $IDENTITY>" "${query[@]}" --query principalId
}

# grant OBJECT-ID KIND ROLE SCOPE: the same name each time, so that it is granted once.
grant() {
  retry 6 run az role assignment create --name "$(uuid_of "$1|$3|$4")" --assignee-object-id "$1" \
    --assignee-principal-type "$2" --role "$3" --scope "$4"
}

grant_operator() { grant "$OPERATOR_ID" "$OPERATOR_KIND" "$1" "$2"; }

grant_app() { grant "$IDENTITY_OBJECT_ID" ServicePrincipal "$1" "$2"; }

# deploy NAME TEMPLATE PARAMETER=VALUE…: one of our ARM templates.
deploy() {
  local name=$1 template=$2
  shift 2
  run az deployment group create --name "$name" --resource-group "$RESOURCE_GROUP" --template-file "$INFRA/arm/$template" \
    --parameters "$@"
}

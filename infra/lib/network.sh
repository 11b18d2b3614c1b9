# Only with ALLOWED_IP_RANGES: a virtual network, so that storage can be closed to everybody else.
# shellcheck shell=bash

make_network() {
  [[ -n $(p ALLOWED_IP_RANGES) ]] || return 0
  run az network vnet create --name "$VNET" --resource-group "$RESOURCE_GROUP" --location "$(p LOCATION)" \
    --address-prefixes 10.60.0.0/16 --tags "$TAG"
  exists az network vnet subnet show --name apps --vnet-name "$VNET" --resource-group "$RESOURCE_GROUP" ||
    run az network vnet subnet create --name apps --vnet-name "$VNET" --resource-group "$RESOURCE_GROUP" \
      --address-prefixes 10.60.0.0/23 --delegations Microsoft.App/environments --service-endpoints Microsoft.Storage
}

# Storage lets in our subnet and the ranges, then nobody else: in this order, so that we never lock ourselves out.
close_storage() {
  local range rule=(az storage account network-rule add --account-name "$STORAGE" --resource-group "$RESOURCE_GROUP")
  [[ -n $(p ALLOWED_IP_RANGES) ]] || return 0
  run "${rule[@]}" --subnet "$SUBNET_ID"
  while IFS= read -r range; do run "${rule[@]}" --ip-address "$range"; done < <(list ALLOWED_IP_RANGES)
  run az storage account update --name "$STORAGE" --resource-group "$RESOURCE_GROUP" --default-action Deny --bypass AzureServices
}

# The Container Apps environment that the app runs in; its logs go to the workspace without a key.
# shellcheck shell=bash
# shellcheck disable=SC2034

make_environment() {
  local create=(az containerapp env create --name "$ENVIRONMENT" --resource-group "$RESOURCE_GROUP"
    --location "$(p LOCATION)" --enable-workload-profiles true --logs-destination azure-monitor --tags "$TAG")
  [[ -n $(p ALLOWED_IP_RANGES) ]] && create+=(--infrastructure-subnet-resource-id "$SUBNET_ID")
  exists az containerapp env show --name "$ENVIRONMENT" --resource-group "$RESOURCE_GROUP" || run "${create[@]}"
  run az monitor diagnostic-settings create --name to-workspace --resource "$ENVIRONMENT_ID" --workspace "$WORKSPACE_ID" \
    --logs '[{"categoryGroup":"allLogs","enabled":true}]'
  ask DOMAIN "$SUFFIX.$(p LOCATION).azurecontainerapps.io" az containerapp env show --name "$ENVIRONMENT" \
    --resource-group "$RESOURCE_GROUP" --query properties.defaultDomain --output tsv
  ADDRESS=https://$APP.$DOMAIN
}

# Who is told when something is wrong, what is wrong, and what it costs.
# shellcheck shell=bash

make_alerts() {
  deploy action-group action-group.json name="$ACTION_GROUP" email="$(p ALERT_EMAIL)"
  local template
  for template in "$INFRA"/monitoring/*.json; do
    if [[ -e $template ]] && grep -q deploymentTemplate.json "$template"; then deploy_monitoring "$template"; fi
  done
}

# A template of infra/monitoring gets those of our values that it declares as its parameters.
deploy_monitoring() {
  local template=$1 key parameters=() group=$GROUP_ID/providers/Microsoft.Insights/actionGroups/$ACTION_GROUP
  declare -A known=(
    [location]=$(p LOCATION) [workspaceId]=$WORKSPACE_ID [applicationInsightsId]=$INSIGHTS_ID [storageId]=$STORAGE_ID
    [appId]=$GROUP_ID/providers/Microsoft.App/containerApps/$APP [actionGroupIds]="[\"$group\"]"
  )
  for key in location workspaceId applicationInsightsId storageId appId actionGroupIds; do
    if sed -n '/"parameters"/,/"resources"/p' "$template" | grep -q "\"$key\": *{"; then parameters+=("$key=${known[$key]}"); fi
  done
  run az deployment group create --name "monitoring-$(basename "$template" .json)" --resource-group "$RESOURCE_GROUP" \
    --template-file "$template" --parameters "${parameters[@]}"
}

make_budget() {
  [[ $(p BUDGET_AMOUNT) != 0 ]] || return 0
  # The first month stays what it was: Azure refuses another start date for a budget that exists.
  local start
  ask start "" az deployment group list --resource-group "$RESOURCE_GROUP" --output tsv \
    --query "[?name=='budget'].properties.parameters.start.value | [0]"
  [[ -n $start ]] || start=$(date -u +%Y-%m-01)
  deploy budget budget.json name="$BUDGET" amount="$(p BUDGET_AMOUNT)" start="$start" email="$(p ALERT_EMAIL)"
}

# Who is told when something is wrong, what is wrong, and what it costs.
# shellcheck shell=bash

make_alerts() {
  deploy action-group action-group.json name="$ACTION_GROUP" email="$(p ALERT_EMAIL)"
  local template
  for template in "$INFRA"/monitoring/*.arm.json; do
    [[ -e $template ]] || continue
    run az deployment group create --name "$(basename "$template" .arm.json)" --resource-group "$RESOURCE_GROUP" \
      --template-file "$template" --parameters location="$(p LOCATION)" workspaceId="$WORKSPACE_ID" insightsId="$INSIGHTS_ID" \
      actionGroupId="$GROUP_ID/providers/Microsoft.Insights/actionGroups/$ACTION_GROUP"
  done
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

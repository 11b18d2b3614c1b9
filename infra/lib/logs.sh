# Where logs and metrics go: one workspace, and Application Insights on it that takes no keys.
# shellcheck shell=bash
# shellcheck disable=SC2034

make_logs() {
  run az monitor log-analytics workspace create --workspace-name "$WORKSPACE" --resource-group "$RESOURCE_GROUP" \
    --location "$(p LOCATION)" --retention-time "$(p LOG_RETENTION_DAYS)" --quota "$(p LOG_DAILY_CAP_GB)" --tags "$TAG"
  deploy app-insights app-insights.json name="$INSIGHTS" location="$(p LOCATION)" workspaceId="$WORKSPACE_ID"
  ask INSIGHTS_CONNECTION "<connection string of $INSIGHTS>" az deployment group show --name app-insights \
    --resource-group "$RESOURCE_GROUP" --query properties.outputs.connectionString.value --output tsv
  grant_app "Monitoring Metrics Publisher" "$INSIGHTS_ID"
}

# Last: Event Grid tells the app about uploads. It calls the app at once to see that it is there, so the app must run.
# shellcheck shell=bash

make_topic() {
  exists az eventgrid system-topic show --name "$TOPIC" --resource-group "$RESOURCE_GROUP" ||
    run az eventgrid system-topic create --name "$TOPIC" --resource-group "$RESOURCE_GROUP" --location "$(p LOCATION)" \
      --topic-type microsoft.storage.storageaccounts --source "$STORAGE_ID" --identity systemassigned --tags "$TAG"
  local principal
  ask principal "<object id of $TOPIC>" az eventgrid system-topic show --name "$TOPIC" --resource-group "$RESOURCE_GROUP" \
    --query identity.principalId --output tsv
  # Events that nobody took are laid down in the account: the topic may write there, and only there.
  grant "$principal" ServicePrincipal "Storage Blob Data Contributor" "$STORAGE_ID/blobServices/default/containers/dead-letters"
}

# The address holds the key, so it goes by a private file and is a secure parameter of the template.
subscribe_to_uploads() {
  local key
  ask key "<host-systemkey-blobs>" az keyvault secret show --vault-name "$VAULT" --name host-systemkey-blobs --query value --output tsv
  private_folder
  (umask 077 && event_parameters "$key" >"$PRIVATE/events.json")
  if [[ $DRY_RUN == true ]]; then
    printf '# events.json:\n'
    sed 's/^/#   /' "$PRIVATE/events.json"
    deploy events event-subscription.json @events.json
  else
    retry 10 deploy events event-subscription.json "@$PRIVATE/events.json"
  fi
}

event_parameters() {
  cat <<JSON
{
  "\$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "topic": { "value": "$TOPIC" },
    "name": { "value": "$EVENT_SUBSCRIPTION" },
    "storageId": { "value": "$STORAGE_ID" },
    "endpoint": { "value": "$ADDRESS/runtime/webhooks/blobs?functionName=Host.Functions.blob_upload&code=$1" }
  }
}
JSON
}

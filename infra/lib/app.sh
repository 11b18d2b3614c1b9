# The app itself: app.yaml with its blanks filled in, given to the platform whole each time.
# shellcheck shell=bash

entry() { printf '          - name: %s\n            %s: "%s"\n' "$1" "${3:-value}" "$(yaml_text "$2")"; }

yaml_text() {
  local text=${1//\\/\\\\}
  printf '%s' "${text//\"/\\\"}"
}

# Settings that only some deployments have.
more_settings() {
  local setting
  while IFS= read -r setting; do
    [[ -z $(p "$setting") ]] || entry "$setting" "$(p "$setting")"
  done < <(settings_from parameter)
  for setting in "${GIVEN_SECRETS[@]}"; do entry "$setting" "$(secret_name "$setting")" secretRef; done
  [[ $(p SIGNALR) == none ]] || entry AzureSignalRConnectionString azuresignalrconnectionstring secretRef
  if is_on DTS; then
    local durable=AzureFunctionsJobHost__extensions__durableTask__storageProvider
    entry "${durable}__type" azureManaged
    entry "${durable}__connectionStringName" DURABLE_TASK_SCHEDULER_CONNECTION_STRING
    entry DURABLE_TASK_SCHEDULER_CONNECTION_STRING \
      "Endpoint=$SCHEDULER_ENDPOINT;Authentication=ManagedIdentity;ClientID=$IDENTITY_CLIENT_ID"
  fi
}

vault_entry() { printf '      - name: %s\n        keyVaultUrl: https://%s.vault.azure.net/secrets/%s\n        identity: %s\n' "$1" "$VAULT" "$1" "$IDENTITY_ID"; }

more_secrets() {
  local setting
  for setting in "${GIVEN_SECRETS[@]}"; do vault_entry "$(secret_name "$setting")"; done
  [[ $(p SIGNALR) == none ]] || vault_entry azuresignalrconnectionstring
}

# app_yaml EXTERNAL: whether the world may reach it.
app_yaml() {
  local text least most key
  text=$(<"$INFRA/app.yaml")
  least=$(p REPLICAS) most=$(p REPLICAS)
  if is_on DTS; then least=1 most=$(p MAX_REPLICAS); fi
  declare -A blanks=(
    [APP]=$APP [HOST_NAME]=$APP.$DOMAIN [LOCATION]=$(p LOCATION)
    [ENVIRONMENT_ID]=$ENVIRONMENT_ID [IDENTITY_ID]=$IDENTITY_ID [IDENTITY_CLIENT_ID]=$IDENTITY_CLIENT_ID
    [REGISTRY]=$REGISTRY [VAULT]=$VAULT [IMAGE]=$IMAGE [CPU]=$(p CPU) [MEMORY]=$(p MEMORY) [EXTERNAL]=$1
    [MIN_REPLICAS]=$least [MAX_REPLICAS]=$most [STORAGE]=$STORAGE [HOST_ID]=$(p NAME) [API_AUTH]=$(p API_AUTH)
    [PROCESSED_ACCESS]=$(p PROCESSED_ACCESS) [WORK_DIR_QUOTA_BYTES]=$(p WORK_DIR_QUOTA_BYTES)
    [INSIGHTS_CONNECTION]=$INSIGHTS_CONNECTION [SECRETS_MARK]=$SECRETS_MARK
    [MORE_SETTINGS]=$(more_settings) [MORE_SECRETS]=$(more_secrets)
  )
  for key in "${!blanks[@]}"; do text=${text//"{{$key}}"/"${blanks[$key]}"}; done
  [[ $text != *"{{"* ]] || fail "app.yaml has a blank that nothing fills: ${text#*"{{"}"
  printf '%s\n' "$text"
}

# The app takes no visitor before sign-in is set up: without it, nothing would stop somebody from claiming to be signed in.
make_app() {
  local external=false
  if [[ $(p API_AUTH) == anonymous ]] || has_sign_in; then external=true; fi
  private_folder
  app_yaml "$external" >"$PRIVATE/app.yaml"
  if [[ $DRY_RUN == true ]]; then
    printf '# app.yaml:\n'
    sed 's/^/#   /' "$PRIVATE/app.yaml"
    shown az containerapp create --name "$APP" --resource-group "$RESOURCE_GROUP" --yaml app.yaml
  else
    retry 5 run az containerapp create --name "$APP" --resource-group "$RESOURCE_GROUP" --yaml "$PRIVATE/app.yaml"
  fi
}

open_app() { run az containerapp ingress enable --name "$APP" --resource-group "$RESOURCE_GROUP" --type external --target-port 8080; }

answers() { curl --fail --silent --max-time 20 --output /dev/null "$ADDRESS/api/health"; }

wait_for_app() {
  if [[ $DRY_RUN == true ]]; then
    shown curl --fail --silent --max-time 20 --output /dev/null "$ADDRESS/api/health"
  else
    retry 30 answers || fail "the app does not answer at $ADDRESS/api/health; see docs/runbook.md, «The app does not start»"
  fi
}

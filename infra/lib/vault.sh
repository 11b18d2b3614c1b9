# Secrets: they come from the environment of the call or are made here, go into the vault by a private file, and nowhere else.
# shellcheck shell=bash
# shellcheck disable=SC2034

# The host's keys by their names in the vault, and what the host calls them (docs/decisions/0007-how-it-is-deployed.md).
HOST_KEYS=(host-master host-function-default host-systemkey-blobs host-systemkey-durabletask)

make_vault() {
  if ! exists az keyvault show --name "$VAULT" --resource-group "$RESOURCE_GROUP"; then
    if [[ $DRY_RUN == false ]] && is_deleted_vault; then
      run az keyvault recover --name "$VAULT" --location "$(p LOCATION)" --resource-group "$RESOURCE_GROUP"
    else
      run az keyvault create --name "$VAULT" --resource-group "$RESOURCE_GROUP" --location "$(p LOCATION)" \
        --enable-rbac-authorization true --retention-days 7 --tags "$TAG"
    fi
  fi
  grant_app "Key Vault Secrets User" "$VAULT_ID"
  grant_operator "Key Vault Secrets Officer" "$VAULT_ID"
}

is_deleted_vault() { [[ -n $(az keyvault list-deleted --query "[?name=='$VAULT'].name" --output tsv) ]]; }

has_secret() { exists az keyvault secret show --vault-name "$VAULT" --name "$1" --query id --output tsv; }

# put_secret NAME VALUE: by a file that only we can read; a command line can be seen by others.
put_secret() {
  local set=(az keyvault secret set --vault-name "$VAULT" --name "$1" --encoding utf-8 --file)
  if [[ $DRY_RUN == true ]]; then
    shown "${set[@]}" "<a private file>"
    return
  fi
  private_folder
  (umask 077 && printf '%s' "$2" >"$PRIVATE/secret")
  retry 10 run "${set[@]}" "$PRIVATE/secret"
  rm -f "$PRIVATE/secret"
}

random_key() { head -c 40 /dev/urandom | base64 | tr -d '+/=\n' | cut -c1-48; }

# The keys that callers of the host need are ours: the host on this platform does not make any.
make_host_keys() {
  local name
  for name in "${HOST_KEYS[@]}"; do
    if [[ ${ROTATE_KEYS:-false} == true ]] || ! has_secret "$name"; then put_secret "$name" "$(random_key)"; fi
  done
}

# Secrets that the operator gave in the environment; those given earlier stay.
keep_given_secrets() {
  local setting
  GIVEN_SECRETS=()
  while IFS= read -r setting; do
    if [[ -n ${!setting:-} ]]; then
      put_secret "$(secret_name "$setting")" "${!setting}"
    elif ! has_secret "$(secret_name "$setting")"; then
      continue
    fi
    GIVEN_SECRETS+=("$setting")
  done < <(settings_from secret)
}

# A text that changes when a secret does, so that the app is started anew: a replica reads its secrets once.
mark_secrets() {
  local name id ids="" names=("${HOST_KEYS[@]}") setting
  for setting in "${GIVEN_SECRETS[@]}"; do names+=("$(secret_name "$setting")"); done
  for name in "${names[@]}"; do
    ask id "<version of $name>" az keyvault secret show --vault-name "$VAULT" --name "$name" --query id --output tsv
    ids+=$id
  done
  SECRETS_MARK=$(printf '%s' "$ids" | sha1sum | cut -c1-12)
}

secret_name() {
  local name=${1,,}
  printf '%s' "${name//_/-}"
}

# settings_from HOW: the app's settings that get their value in this way.
settings_from() { awk -v how="$1" '$1 !~ /^#/ && $2 == how { print $1 }' "$INFRA/settings.map"; }

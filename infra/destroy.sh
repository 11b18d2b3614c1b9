#!/usr/bin/env bash
# destroy.sh --name NAME --location REGION [--yes] [--dry-run]
#
# Takes the whole system away: every upload, every output, every receipt, every log. There is no way back.
set -Eeuo pipefail
# shellcheck source=SCRIPTDIR/lib/all.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/all.sh"

confirm() {
  local answer
  [[ $1 == true || $DRY_RUN == true ]] && return
  say "This deletes the resource group $RESOURCE_GROUP with all media in it. Type the name ($(p NAME)) to go on:"
  read -r answer || true
  [[ $answer == "$(p NAME)" ]] || fail "nothing was deleted"
}

delete_group() {
  local tag=""
  if [[ $DRY_RUN == true ]]; then
    shown az group show --name "$RESOURCE_GROUP" --query tags.app --output tsv
  elif ! exists az group show --name "$RESOURCE_GROUP"; then
    say "    $RESOURCE_GROUP is not there"
    return
  else
    ask tag "" az group show --name "$RESOURCE_GROUP" --query tags.app --output tsv
    [[ $tag == "${TAG#app=}" ]] || fail "the group $RESOURCE_GROUP is not ours (no tag $TAG): nothing was deleted"
  fi
  run az group delete --name "$RESOURCE_GROUP" --yes
}

delete_registration() {
  local client
  [[ -z $(p SIGN_IN_CLIENT_ID) ]] || return 0
  ask client "<client id of $SIGN_IN_APP>" az ad app list --display-name "$SIGN_IN_APP" --query '[0].appId' --output tsv
  [[ -z $client ]] || run az ad app delete --id "$client"
}

purge_vault() {
  if [[ $DRY_RUN == true ]] || is_deleted_vault; then run az keyvault purge --name "$VAULT" --location "$(p LOCATION)"; fi
}

main() {
  local yes=false option
  read_options "$@"
  for option in "${REST[@]}"; do
    case $option in
      --yes) yes=true ;;
      *) fail "what is «$option»? --help shows the options" ;;
    esac
  done
  need az
  trap on_error ERR
  step "1. What is to go"
  find_subscription
  use_subscription
  confirm "$yes"
  step "2. The resource group and all that lies in it"
  delete_group
  step "3. The app registration for sign-in"
  delete_registration
  step "4. The deleted vault, so that its name is free"
  purge_vault
  step "Done"
}

main "$@"

# Sign-in by the platform (Easy Auth) with Entra ID. No client secret: the page gets an id token, nothing calls on a user's behalf.
# shellcheck shell=bash

has_sign_in() {
  [[ $DRY_RUN == false ]] || return 1
  [[ $(az containerapp auth show --name "$APP" --resource-group "$RESOURCE_GROUP" --query platform.enabled --output tsv 2>/dev/null) == true ]]
}

make_sign_in() {
  local client tenant
  [[ $(p API_AUTH) == easyauth ]] || return 0
  client=$(p SIGN_IN_CLIENT_ID)
  [[ -n $client ]] || make_registration client
  ask tenant "<your tenant id>" az account show --query tenantId --output tsv
  run az containerapp auth microsoft update --name "$APP" --resource-group "$RESOURCE_GROUP" --client-id "$client" \
    --issuer "https://login.microsoftonline.com/$tenant/v2.0" --yes
  # Anonymous calls reach the app, because servers and Event Grid come with keys; the app itself asks people to sign in.
  run az containerapp auth update --name "$APP" --resource-group "$RESOURCE_GROUP" --enabled true --require-https true \
    --unauthenticated-client-action AllowAnonymous --yes
}

make_registration() {
  local -n made=$1
  local find=(az ad app list --display-name "$SIGN_IN_APP" --query '[0].appId' --output tsv)
  local callback=$ADDRESS/.auth/login/aad/callback
  ask made "" "${find[@]}"
  if [[ -z $made ]]; then
    run az ad app create --display-name "$SIGN_IN_APP" --sign-in-audience AzureADMyOrg --enable-id-token-issuance true \
      --web-redirect-uris "$callback"
    ask made "<client id of $SIGN_IN_APP>" "${find[@]}"
    [[ -n $made ]] || fail "the app registration «$SIGN_IN_APP» was made but cannot be found yet; run it again in a minute"
  else
    run az ad app update --id "$made" --web-redirect-uris "$callback"
  fi
  exists az ad sp show --id "$made" || run az ad sp create --id "$made"
  ! is_on SIGN_IN_ASSIGNED_ONLY || run az ad sp update --id "$made" --set appRoleAssignmentRequired=true
}

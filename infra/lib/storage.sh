# The storage account, what lies in it, and who may touch it. Its keys are off: identities and user-delegation SAS only.
# shellcheck shell=bash

make_storage() {
  local public=false origins temp_hours
  [[ $(p PROCESSED_ACCESS) == public ]] && public=true
  run az storage account create --name "$STORAGE" --resource-group "$RESOURCE_GROUP" --location "$(p LOCATION)" \
    --kind StorageV2 --sku "$(p REDUNDANCY)" --access-tier Hot --https-only true --min-tls-version TLS1_2 \
    --allow-shared-key-access false --allow-blob-public-access "$public" --allow-cross-tenant-replication false --tags "$TAG"
  origins=$(json_list "$ADDRESS" "$(p CORS_ORIGINS)")
  temp_hours=$(p TEMP_KEEP_HOURS)
  deploy storage-services storage-services.json account="$STORAGE" origins="$origins" \
    processedAccess="$([[ $public == true ]] && echo Blob || echo None)" softDeleteDays="$(p SOFT_DELETE_DAYS)" \
    tempDays="$(((${temp_hours:-24} + 23) / 24))" \
    uploadsDays="$(p UPLOADS_RETENTION_DAYS)" processedDays="$(p PROCESSED_RETENTION_DAYS)" \
    receiptsDays="$(p RECEIPTS_RETENTION_DAYS)"
  grant_app "Storage Blob Data Owner" "$STORAGE_ID"
  grant_app "Storage Queue Data Contributor" "$STORAGE_ID"
  grant_app "Storage Table Data Contributor" "$STORAGE_ID"
  grant_operator "Storage Blob Data Contributor" "$STORAGE_ID"
  grant_operator "Storage Queue Data Contributor" "$STORAGE_ID"
}

# json_list FIRST MORE: ["first","more",…], where «more» are values between commas.
json_list() {
  local all="$1${2:+,$2}"
  all=${all// /}
  printf '["%s"]' "${all//,/\",\"}"
}

# Reading the parameters: the defaults, a file, the options of the call. Nothing in a file is executed.
# shellcheck shell=bash

declare -A PARAMETERS=()

# The value of a parameter.
p() {
  [[ -v PARAMETERS[$1] ]] || fail "there is no parameter $1"
  printf '%s' "${PARAMETERS[$1]}"
}

is_on() { [[ $(p "$1") == true ]]; }

# read_parameters FILE [known]: with «known», only keys that the defaults have are taken.
read_parameters() {
  local file=$1 mode=${2:-} line key number=0
  [[ -r $file ]] || fail "cannot read the parameters file $file"
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    line=${line%$'\r'}
    [[ -z ${line//[[:space:]]/} || $line == \#* ]] && continue
    [[ $line =~ ^([A-Z][A-Z0-9_]*)=(.*)$ ]] || fail "$file:$number is not KEY=VALUE: $line"
    key=${BASH_REMATCH[1]}
    case $key in
      SIMPI_API_TOKEN | WEBHOOK_SECRET | *_KEY | *PASSWORD*)
        fail "$file:$number: $key is a secret and does not belong in a file; export it before the call"
        ;;
    esac
    if [[ $mode == known && ! -v PARAMETERS[$key] ]]; then fail "$file:$number: there is no parameter $key"; fi
    PARAMETERS[$key]=${BASH_REMATCH[2]}
  done <"$file"
}

one_of() {
  local key=$1 value allowed
  value=$(p "$key")
  shift
  for allowed in "$@"; do [[ $value == "$allowed" ]] && return; done
  fail "$key=$value is not allowed: one of $*"
}

number_from() {
  local value
  value=$(p "$1")
  if ! [[ $value =~ ^[0-9]{1,13}$ ]] || ((10#$value < $2 || 10#$value > $3)); then
    fail "$1=$value is not allowed: a number from $2 to $3"
  fi
}

check_parameters() {
  local origin range
  [[ $(p NAME) =~ ^[a-z][a-z0-9]*(-[a-z0-9]+)*$ && $(p NAME) =~ ^.{3,16}$ ]] ||
    fail "NAME=$(p NAME) is not allowed: 3 to 16 lower-case letters, digits and single hyphens, a letter first (--name)"
  [[ $(p LOCATION) =~ ^[a-z0-9]{3,30}$ ]] ||
    fail "LOCATION=$(p LOCATION) is not allowed: a region's short name such as westeurope (--location)"
  one_of DTS true false
  one_of FRONT_DOOR true false
  one_of SIGN_IN_ASSIGNED_ONLY true false
  one_of PROCESSED_ACCESS private public
  one_of API_AUTH easyauth anonymous
  one_of SIGNALR none Free_F1 Standard_S1
  one_of IMAGE_BUILD cloud docker none
  one_of REDUNDANCY Standard_LRS Standard_ZRS Standard_GRS Standard_RAGRS Standard_GZRS Standard_RAGZRS
  one_of CPU 0.5 0.75 1.0 1.25 1.5 1.75 2.0 2.25 2.5 2.75 3.0 3.25 3.5 3.75 4.0
  check_memory
  number_from REPLICAS 1 100
  number_from MAX_REPLICAS 1 10
  number_from WORK_DIR_QUOTA_BYTES 67108864 1099511627776
  number_from UPLOADS_RETENTION_DAYS 0 36500
  number_from PROCESSED_RETENTION_DAYS 0 36500
  number_from RECEIPTS_RETENTION_DAYS 0 36500
  [[ -z $(p TEMP_KEEP_HOURS) ]] || number_from TEMP_KEEP_HOURS 1 8760
  number_from SOFT_DELETE_DAYS 1 365
  number_from LOG_RETENTION_DAYS 30 730
  number_from LOG_DAILY_CAP_GB 1 1000
  number_from BUDGET_AMOUNT 0 1000000
  [[ $(p IMAGE_BUILD) != none || -n $(p IMAGE_TAG) ]] || fail "IMAGE_BUILD=none needs IMAGE_TAG"
  [[ -z $(p IMAGE_TAG) || $(p IMAGE_TAG) =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || fail "IMAGE_TAG=$(p IMAGE_TAG) is not a tag"
  if is_on FRONT_DOOR && [[ $(p PROCESSED_ACCESS) != public ]]; then fail "FRONT_DOOR=true needs PROCESSED_ACCESS=public"; fi
  for origin in $(list CORS_ORIGINS); do
    [[ $origin =~ ^https://[a-z0-9.-]+(:[0-9]+)?$ ]] || fail "CORS_ORIGINS: $origin is not allowed: https://host, never *"
  done
  for range in $(list ALLOWED_IP_RANGES); do
    [[ $range =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}(/([89]|[12][0-9]|30))?$ ]] ||
      fail "ALLOWED_IP_RANGES: $range is not allowed: an IPv4 address, or a range from /8 to /30"
  done
  [[ -z $(p OPERATOR_ID) || $(p OPERATOR_ID) =~ ^[0-9a-f-]{36}$ ]] || fail "OPERATOR_ID is not an object id"
  [[ -z $(p SIGN_IN_CLIENT_ID) || $(p SIGN_IN_CLIENT_ID) =~ ^[0-9a-f-]{36}$ ]] || fail "SIGN_IN_CLIENT_ID is not a client id"
  [[ -z $(p ALERT_EMAIL) || $(p ALERT_EMAIL) =~ ^[^[:space:]@\"\\]+@[^[:space:]@\"\\]+$ ]] || fail "ALERT_EMAIL is not an address"
}

# The platform takes only twice as many GiB as vCPU.
check_memory() {
  local cpu hundredths
  cpu=$(p CPU)
  hundredths=$((10#${cpu%.*} * 100))
  case ${cpu#*.} in 25) hundredths=$((hundredths + 25)) ;; 5) hundredths=$((hundredths + 50)) ;; 75) hundredths=$((hundredths + 75)) ;; esac
  local twice=$((hundredths * 2)) wanted
  wanted=$((twice / 100))
  ((twice % 100)) && wanted+=.5
  [[ $(p MEMORY) == "${wanted}Gi" ]] || fail "MEMORY=$(p MEMORY) is not allowed: $cpu vCPU go with ${wanted}Gi"
}

# list KEY: the values between the commas, one a line.
list() {
  local value
  value=$(p "$1")
  printf '%s\n' "${value//,/$'\n'}" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d'
}

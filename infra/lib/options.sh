# The options that all scripts share.
# shellcheck shell=bash

usage() {
  sed -n '2,/^[^#]/ { s/^# \{0,1\}//p }' "$0" >&2
  exit "${1:-2}"
}

# read_options ARGUMENT…: fills PARAMETERS; what it does not know goes to REST.
read_options() {
  local options=() argument
  REST=()
  read_parameters "$INFRA/parameters.env"
  while (($#)); do
    argument=$1
    case $argument in
      --name | --location | --subscription | --image-tag | --api-auth | --signalr | --cpu | --memory | --replicas)
        (($# > 1)) || fail "$argument needs a value"
        argument=${argument#--}
        argument=${argument//-/_}
        options+=("${argument^^}=$2")
        shift
        ;;
      --parameters)
        (($# > 1)) || fail "--parameters needs a file"
        read_parameters "$2" known
        shift
        ;;
      --dts) options+=(DTS=true) ;;
      --front-door) options+=(FRONT_DOOR=true) ;;
      --dry-run) DRY_RUN=true ;;
      -h | --help) usage 0 ;;
      *) REST+=("$argument") ;;
    esac
    shift
  done
  # shellcheck disable=SC2034  # read by p
  for argument in "${options[@]}"; do PARAMETERS[${argument%%=*}]=${argument#*=}; done
  check_parameters
}

no_more_options() { ((${#REST[@]} == 0)) || fail "what is «${REST[0]}»? --help shows the options"; }

need() {
  local tool
  [[ $DRY_RUN == true ]] && return
  for tool in "$@"; do command -v "$tool" >/dev/null || fail "$tool is needed and not there (docs/deploy.md, step 1)"; done
}

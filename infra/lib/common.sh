# What every script needs: telling, running a command or only showing it, asking, trying again.
# shellcheck shell=bash

DRY_RUN=${DRY_RUN:-false}
STEP="start"
RETRY_DELAY_S=${RETRY_DELAY_S:-20}

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

step() {
  STEP=$1
  if [[ $DRY_RUN == true ]]; then printf '\n# %s\n' "$1"; else say "==> $1"; fi
}

# A word as one would type it in a shell.
quoted() {
  if [[ $1 =~ ^[A-Za-z0-9_./:=@,%+-]+$ ]]; then printf '%s' "$1"; else printf "'%s'" "${1//\'/\'\\\'\'}"; fi
}

shown() {
  local word line=""
  for word in "$@"; do
    word=${word//"$ROOT/"/}
    if [[ $word == "$ROOT" ]]; then word=.; fi
    line+="$(quoted "$word") "
  done
  printf '%s\n' "${line% }"
}

# Run a command; in a dry run only show it.
run() {
  if [[ $DRY_RUN == true ]]; then
    shown "$@"
  else
    "$@" >/dev/null
  fi
}

# ask VARIABLE STAND-IN COMMAND…: the command's answer; in a dry run, show the command and take the stand-in.
ask() {
  local variable=$1 stand_in=$2 answer
  shift 2
  if [[ $DRY_RUN == true ]]; then
    shown "$@"
    answer=$stand_in
  else
    answer=$("$@") || return 1
    answer=${answer%$'\r'}
  fi
  printf -v "$variable" '%s' "$answer"
}

# Whether something is there. A dry run shows the question and takes the answer to be no.
exists() {
  if [[ $DRY_RUN == true ]]; then
    shown "$@" | sed 's/$/   # only if this fails:/'
    return 1
  fi
  "$@" >/dev/null 2>&1
}

# retry TIMES COMMAND…: for what Azure needs a while to know everywhere, such as a new role.
retry() {
  local times=$1 attempt
  shift
  for ((attempt = 1; ; attempt++)); do
    "$@" && return 0
    if ((attempt >= times)); then return 1; fi
    say "    not yet ($attempt of $times); again in $RETRY_DELAY_S s"
    sleep "$RETRY_DELAY_S"
  done
}

on_error() {
  say ""
  say "error: it stopped in the step «$STEP». What was made stays. Mend the cause (docs/runbook.md) and run the same command"
  say "       again: it goes on from there."
}

# A folder for what must not be seen by others, gone when the script ends.
private_folder() {
  if [[ -n ${PRIVATE:-} ]]; then return; fi
  PRIVATE=$(umask 077 && mktemp -d)
  trap 'rm -rf "$PRIVATE"' EXIT
}

# uuid_of TEXT: always the same for the same text, so that a second run means the same thing.
uuid_of() {
  local hash
  hash=$(printf '%s' "$1" | sha1sum)
  printf '%s-%s-5%s-8%s-%s\n' "${hash:0:8}" "${hash:8:4}" "${hash:13:3}" "${hash:17:3}" "${hash:20:12}"
}

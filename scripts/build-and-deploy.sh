#!/usr/bin/env bash
# build-and-deploy.sh --name NAME --location REGION [options of infra/deploy.sh]
#
# Builds the image of the present commit in the registry and brings the system to it: the same as ./simpi deploy up.
set -Eeuo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../infra/deploy.sh" "$@"

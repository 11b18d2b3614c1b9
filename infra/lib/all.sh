# Everything that the scripts share, in one line for them.
# shellcheck shell=bash
# shellcheck disable=SC2034

INFRA=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROOT=$(dirname "$INFRA")
# shellcheck source=SCRIPTDIR/common.sh
source "$INFRA/lib/common.sh"
# shellcheck source=SCRIPTDIR/parameters.sh
source "$INFRA/lib/parameters.sh"
# shellcheck source=SCRIPTDIR/options.sh
source "$INFRA/lib/options.sh"
# shellcheck source=SCRIPTDIR/names.sh
source "$INFRA/lib/names.sh"
# shellcheck source=SCRIPTDIR/group.sh
source "$INFRA/lib/group.sh"
# shellcheck source=SCRIPTDIR/logs.sh
source "$INFRA/lib/logs.sh"
# shellcheck source=SCRIPTDIR/image.sh
source "$INFRA/lib/image.sh"
# shellcheck source=SCRIPTDIR/network.sh
source "$INFRA/lib/network.sh"
# shellcheck source=SCRIPTDIR/environment.sh
source "$INFRA/lib/environment.sh"
# shellcheck source=SCRIPTDIR/storage.sh
source "$INFRA/lib/storage.sh"
# shellcheck source=SCRIPTDIR/vault.sh
source "$INFRA/lib/vault.sh"
# shellcheck source=SCRIPTDIR/extras.sh
source "$INFRA/lib/extras.sh"
# shellcheck source=SCRIPTDIR/app.sh
source "$INFRA/lib/app.sh"
# shellcheck source=SCRIPTDIR/sign_in.sh
source "$INFRA/lib/sign_in.sh"
# shellcheck source=SCRIPTDIR/events.sh
source "$INFRA/lib/events.sh"
# shellcheck source=SCRIPTDIR/watch.sh
source "$INFRA/lib/watch.sh"

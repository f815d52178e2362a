#!/usr/bin/env bash
# Writes uv.lock anew from pyproject.toml, without the address of any package index: whoever
# installs takes the index from their own environment, and the hashes say that it is the same file.
#   hack/setup/lock.sh [--upgrade]
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "lock: $*" >&2; exit 1; }
source hack/setup/uv.sh
uv=$(find_uv)
"$uv" lock "$@"
sed -i -E \
  -e 's#(source = \{ registry = ")[^"]+"#\1https://index.invalid/simple"#' \
  -e 's#(url = "https?://)[^/"]+/#\1files.index.invalid/#' uv.lock

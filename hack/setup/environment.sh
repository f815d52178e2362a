#!/usr/bin/env bash
# Makes .venv with everything that uv.lock pins; does nothing when it is there already.
# Python and uv are looked for, and uv is installed into a folder of its own where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() { echo "setup: $*" >&2; exit 1; }

find_python() {
  local candidate
  for candidate in "${UV_PYTHON:-}" python3.13 python3.12 python3 \
      "$HOME"/.pyenv/versions/3.13*/bin/python3 "$HOME"/.pyenv/versions/3.12*/bin/python3; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 13))' \
        >/dev/null 2>&1; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return
    fi
  done
}

source hack/setup/uv.sh
uv=$(find_uv)
stamp=".venv/.headgate-lock"
wanted=$(cat uv.lock pyproject.toml hack/setup/environment.sh | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c 'import headgate' 2>/dev/null; then
  exit 0
fi
python=$(find_python)
if [ -n "$python" ]; then
  "$uv" venv --quiet --allow-existing --python "$python" .venv
else
  "$uv" venv --quiet --allow-existing --python 3.13 .venv \
    || fail "no Python 3.12 or 3.13 found: install one (pyenv install 3.13), or set UV_PYTHON"
fi
requirements=$(mktemp)
trap 'rm -f "$requirements"' EXIT
"$uv" export --quiet --frozen --all-extras --no-emit-project --format requirements-txt > "$requirements"
"$uv" pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes "$requirements"
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
echo "$wanted" > "$stamp"

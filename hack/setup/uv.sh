# To be sourced, from the project's folder: `find_uv` prints where uv is, and installs it into a folder
# of its own where it is missing. Needs `fail`.
find_uv() {
  if command -v uv >/dev/null 2>&1; then command -v uv; return; fi
  local home="${XDG_CACHE_HOME:-$HOME/.cache}/headgate/uv"
  if [ ! -x "$home/bin/uv" ]; then
    python3 -m venv "$home" >&2 || fail "python3 -m venv does not work: apt-get install python3-venv"
    "$home/bin/pip" install --quiet "uv>=0.8" >&2 || fail "uv could not be installed with pip"
  fi
  echo "$home/bin/uv"
}

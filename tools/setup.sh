#!/bin/sh
# Sets up what `make` targets need: Debian packages, a virtual environment with the wheels, nothing else.
# Does only what is missing, so that it can run before every target.
#   tools/setup.sh test    everything
#   tools/setup.sh demo    what the demo needs
#   tools/setup.sh bench   everything, and a client that loads gateways
set -eu
cd "$(dirname "$0")/.."

demo_packages="redis-server webdis openssl"
test_packages="$demo_packages nginx-light libnginx-mod-http-lua libnginx-mod-http-headers-more-filter libnginx-mod-http-subs-filter libnginx-mod-http-ndk \
lua-resty-core lua-cjson lua-nginx-redis lua-nginx-string lua-nginx-cookie luajit2 docker.io docker-registry"
case "${1:-test}" in
demo) packages=$demo_packages ;;
bench) packages="$test_packages wrk" ;;
*) packages=$test_packages ;;
esac

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "snippet2wasm needs Python 3.11 or newer; set PYTHON to one" >&2
    exit 2
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"

if [ "${1:-test}" != demo ]; then
    command -v node >/dev/null || missing="$missing nodejs"
    command -v npm >/dev/null || missing="$missing npm"
fi

if [ -n "$missing" ]; then
    sudo=""
    if [ "$(id -u)" != 0 ]; then
        sudo=sudo
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null && ! [ -t 0 ]; then
            echo "these Debian packages are missing, and installing them needs root:" >&2
            echo "    apt-get install --no-install-recommends$missing" >&2
            exit 2
        fi
    fi
    echo "installing Debian packages:$missing"
    # Services must not start by themselves: the tests start their own servers on free ports.
    log=$(mktemp)
    $sudo sh -c '
        set -e
        export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
        apt-get update -q
        apt-get install -q -y --no-install-recommends "$@"
    ' sh $missing >"$log" 2>&1 || {
        cat "$log" >&2
        exit 1
    }
    rm -f "$log"
fi

stamp=.venv/.stamp
if ! [ -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ] || [ tools/setup.sh -nt "$stamp" ]; then
    echo "making the virtual environment .venv"
    "$python" -m venv .venv
    .venv/bin/pip install -q --disable-pip-version-check -e '.[toolchain,gateway,dev]'
    touch "$stamp"
fi

# Mermaid, whose parser reads the flow charts of `explain` in the tests.
mermaid=tests/explain/mermaid
if [ "${1:-test}" != demo ] && ! [ "$mermaid/node_modules/.package-lock.json" -nt "$mermaid/package-lock.json" ]; then
    echo "installing mermaid into $mermaid"
    (cd "$mermaid" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch node_modules/.package-lock.json)
fi

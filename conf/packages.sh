#!/bin/sh
# Installs the Debian packages that are missing, and for tests the npm packages
# that they run: packages.sh run|test|fuzz|bench|shots|ci.

set -eu

build='gcc libc6-dev make dpkg-dev nginx nginx-dev libhiredis-dev libyajl-dev
       libssl-dev libutf8proc-dev'
run="$build redis-server curl ca-certificates"
fuzz="clang libclang-rt-dev"
npm=

# one package has both where it is not Debian's own
command -v node >/dev/null && command -v npm >/dev/null || npm="nodejs npm"

# make run builds the dashboard

run="$run zopfli $npm"
test="$run perl python3 openssl prometheus chromium"

case "${1-}" in
    build) wanted=$build ;;
    run)   wanted=$run ;;
    test)  wanted=$test ;;
    bench) wanted="$test wrk" ;;
    shots) wanted="$test pngquant" ;;
    fuzz)  wanted="$build $fuzz" ;;
    ci)    wanted="$test $fuzz" ;;
    *)     echo "usage: $0 build|run|test|fuzz|bench|shots|ci" >&2; exit 2 ;;
esac

# what tests run of npm, as package-lock.json has it

npm_packages() {
    case $1 in
        test|bench|shots|ci) ;;
        *) return ;;
    esac

    folders="t/sdk t/browser src/dashboard"
    [ "$1" = bench ] && folders="$folders t/bench/page"

    for folder in $folders; do
        "$(dirname "$0")/npm.sh" "$(dirname "$0")/../$folder"
    done
}


if ! command -v dpkg-query >/dev/null; then
    echo "$0: not a Debian system; needed are:" $wanted >&2
    exit 0
fi

missing=
for package in $wanted; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) missing="$missing $package" ;;
    esac
done

if [ -z "$missing" ]; then
    npm_packages "$1"
    exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "$0: these packages are missing, and there is no sudo to install" \
             "them with:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

# what they would start as a service is not started, now or at the next boot

policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap '$as_root rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
fi

echo "installing Debian packages${as_root:+ (with sudo)}:$missing"
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing

case $missing in
    *prometheus*)
        if command -v systemctl >/dev/null; then
            $as_root systemctl --quiet disable prometheus.service
        fi
    ;;
esac

npm_packages "$1"

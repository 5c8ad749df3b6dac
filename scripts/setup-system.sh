#!/bin/sh
# `npm run setup:system`: installs the programs that the tests in a real n8n need and npm does not bring, from the
# packages of Debian or Ubuntu: Chromium (unless the variable CHROMIUM names one), Redis and PostgreSQL.
set -eu

packages=
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || packages="$packages chromium"
command -v redis-server >/dev/null || packages="$packages redis-server"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages="$packages postgresql"
if [ -z "$packages" ]; then
	echo 'Chromium, Redis and PostgreSQL are installed.'
	exit 0
fi

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
# The tests start servers of their own. Debian asks this file whether to start those of the packages: 101 means no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap '$sudo rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
	$sudo chmod 755 "$policy"
fi
echo "Installing$packages ..."
$sudo apt-get update -q
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $packages

#!/bin/sh
# What the tests need beside Python: PostgreSQL, Redis, Chromium. Installs what is missing where it can (root and
# apt-get), says loudly what to do where it cannot. REQUIRE_SERVICES=1 (CI) makes a missing one an error.
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || command -v valkey-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium fonts-dejavu-core"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing for the tests:$missing"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/tmp/releve-services.log 2>&1 && exit 0
  tail -n 3 /tmp/releve-services.log
fi
echo "!!! missing:$missing. Install with: apt-get install -y --no-install-recommends$missing"
[ "$REQUIRE_SERVICES" = 1 ] && exit 1
exit 0

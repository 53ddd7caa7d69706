#!/usr/bin/env bash
# The server that the tests of sources start by themselves, on ports of their own.
set -euo pipefail

if ! command -v mosquitto >/dev/null; then
  apt-get update -qq
  # What Debian starts on the usual port is not wanted.
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  apt-get install -y -qq --no-install-recommends mosquitto >/dev/null
fi
command -v mosquitto

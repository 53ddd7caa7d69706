#!/usr/bin/env bash
# OpenSSH's server, for the tests of the source `sftp`. Quick when it is there. The tests start one of their own on
# a free port, so the one that the package may start is stopped.
set -euo pipefail

if [ ! -x /usr/sbin/sshd ]; then
  apt-get install -y -qq --no-install-recommends openssh-server openssh-sftp-server >/dev/null
  service ssh stop >/dev/null 2>&1 || true
fi
# Where the server puts itself once it runs without rights.
mkdir -p /run/sshd
echo "OpenSSH server: /usr/sbin/sshd"

#!/usr/bin/env bash
# Installs RabbitMQ, for the tests of the source amqp: they start one of their own. Quick when it is there.
set -euo pipefail

server=/usr/lib/rabbitmq/bin/rabbitmq-server
if [ ! -x "$server" ]; then
  export DEBIAN_FRONTEND=noninteractive
  # The package starts a server of its own where it can; nobody needs that one.
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends rabbitmq-server >/dev/null
  if command -v rabbitmqctl >/dev/null; then rabbitmqctl shutdown >/dev/null 2>&1 || true; fi
fi
echo "RabbitMQ: $server"

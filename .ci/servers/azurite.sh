#!/usr/bin/env bash
# Installs Azurite, which speaks the protocol of Azure's storage queues, for the tests of azureQueueStorage.
# It stands outside the repository, as it is no part of the product. Quick when it is there.
set -euo pipefail

version=3.37.0
folder="${ARGOSY_SERVERS:-$HOME/.cache/argosy/servers}/azurite-$version"
program="$folder/node_modules/azurite/dist/src/queue/main.js"
if [ ! -f "$program" ]; then
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-audit --no-fund --silent --ignore-scripts "azurite@$version" >/dev/null
fi
echo "Azurite: $program"

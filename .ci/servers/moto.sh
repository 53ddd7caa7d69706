#!/usr/bin/env bash
# moto, which speaks the protocols of AWS, for the tests of the sources `sns` and `sqs` and the trigger
# `awsLambda`. Prints its version.
set -euo pipefail

if ! python3 -c 'import moto.server' 2>/dev/null; then
  python3 -m pip install --quiet --break-system-packages 'moto[server]' ||
    python3 -m pip install --quiet 'moto[server]'
fi
python3 -c 'import moto.server; print("moto", moto.__version__)'

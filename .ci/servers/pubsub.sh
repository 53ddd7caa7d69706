#!/usr/bin/env bash
# The server that Google's Go client of Pub/Sub is tested with, for the tests of the source `pubSub`. Needs Go;
# prints the program, which takes the port to listen on.
set -euo pipefail

version=v1.49.0
program="${ARGOSY_SERVERS:-$HOME/.cache/argosy/servers}/pubsub-$version/pubsub-server"
if [ ! -x "$program" ]; then
  command -v go >/dev/null || apt-get install -y -qq --no-install-recommends golang-go >/dev/null
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
  cat >"$build/main.go" <<'GO'
package main

import (
	"os"
	"strconv"

	"cloud.google.com/go/pubsub/pstest"
)

func main() {
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	pstest.NewServerWithPort(port)
	select {}
}
GO
  (
    cd "$build"
    go mod init pubsub-server
    go get "cloud.google.com/go/pubsub@$version"
    go mod tidy
    go build -o pubsub-server .
  ) >&2
  mkdir -p "$(dirname "$program")"
  mv "$build/pubsub-server" "$program"
fi
echo "$program"

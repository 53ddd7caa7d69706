#!/usr/bin/env bash
# The API server of Kubernetes and its etcd, for the tests of the source `resource`, which start both by themselves.
# Built once from their Go modules, which takes some minutes; without Go those tests are skipped. Prints their folder.
set -euo pipefail

kubernetes=v1.34.4
etcd=v3.6.8
folder=${ARGOSY_SERVERS:-$HOME/.cache/argosy/servers}/kubernetes-$kubernetes
if [ -x "$folder/etcd" ] && [ -x "$folder/kube-apiserver" ]; then
  echo "$folder"
  exit
fi
if ! command -v go >/dev/null; then
  echo 'kubernetes: Go is not installed; the tests against an API server are skipped' >&2
  exit
fi
sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT
export CGO_ENABLED=0 GOFLAGS=-mod=mod
mkdir -p "$folder" "$sources/etcd" "$sources/kube"

if [ ! -x "$folder/etcd" ]; then
  cd "$sources/etcd"
  cat >go.mod <<GO
module server
go 1.26
require go.etcd.io/etcd/server/v3 $etcd
GO
  cat >main.go <<'GO'
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
GO
  go mod tidy
  go build -ldflags '-s -w' -o "$folder/etcd" .
fi

cd "$sources/kube"
# The module of Kubernetes names its own parts by folders of its repository; as modules they have versions.
required=$(go mod download -json "k8s.io/kubernetes@$kubernetes" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
{
  printf 'module server\ngo 1.26\nrequire k8s.io/kubernetes %s\nreplace (\n' "$kubernetes"
  awk -v version="v0.${kubernetes#v1.}" '/=> \.\/staging\// { print "\t" $1 " => " $1 " " version }' "$required"
  echo ')'
} >go.mod
cat >main.go <<'GO'
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() { os.Exit(cli.Run(app.NewAPIServerCommand())) }
GO
go mod tidy
go build -ldflags '-s -w' -o "$folder/kube-apiserver" .
echo "$folder"

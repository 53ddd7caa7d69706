#!/usr/bin/env bash
# Apache Kafka (KRaft, no ZooKeeper) with what it needs, for the tests of the source and the trigger `kafka`.
# Needs Java 17 or newer and Maven; prints the folder with the jars.
set -euo pipefail

version=3.9.1
folder="${ARGOSY_SERVERS:-$HOME/.cache/argosy/servers}/kafka-$version"
if [ ! -f "$folder/kafka_2.13-$version.jar" ]; then
  if ! command -v mvn >/dev/null || ! command -v java >/dev/null; then
    apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless maven >/dev/null
  fi
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
  cat >"$build/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version>
    </dependency>
  </dependencies>
</project>
POM
  mvn -q -B -f "$build/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$build/jars" >&2
  mkdir -p "$(dirname "$folder")"
  rm -rf "$folder"
  mv "$build/jars" "$folder"
fi
echo "$folder"

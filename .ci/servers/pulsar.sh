#!/usr/bin/env bash
# Apache Pulsar (standalone) with what it needs, for the tests of the source and the trigger `pulsar`. Needs Java 17
# or newer and Maven; prints the folder with the jars.
set -euo pipefail

version=3.0.0
maven=3.9.9
folder="${ARGOSY_SERVERS:-$HOME/.cache/argosy/servers}/pulsar-$version"
if [ ! -f "$folder/pulsar-broker-$version.jar" ]; then
  if ! command -v mvn >/dev/null || ! command -v java >/dev/null || ! command -v unzip >/dev/null; then
    apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless maven unzip >/dev/null
  fi
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
  # Older Mavens collect so large a tree depth first, which takes them an hour and more.
  mvn -q -B dependency:copy "-Dartifact=org.apache.maven:apache-maven:$maven:zip:bin" \
    "-DoutputDirectory=$build" >&2
  unzip -q "$build/apache-maven-$maven-bin.zip" -d "$build"
  # etcd's client is not needed, and one version of gRPC has to be settled on.
  cat >"$build/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId><artifactId>pulsar</artifactId><version>1</version>
  <dependencyManagement>
    <dependencies>
      <dependency>
        <groupId>io.grpc</groupId><artifactId>grpc-bom</artifactId><version>1.47.0</version>
        <type>pom</type><scope>import</scope>
      </dependency>
    </dependencies>
  </dependencyManagement>
  <dependencies>
    <dependency>
      <groupId>org.apache.pulsar</groupId><artifactId>pulsar-broker</artifactId><version>$version</version>
      <exclusions>
        <exclusion><groupId>io.etcd</groupId><artifactId>*</artifactId></exclusion>
      </exclusions>
    </dependency>
  </dependencies>
</project>
POM
  "$build/apache-maven-$maven/bin/mvn" -q -B -f "$build/pom.xml" \
    -Daether.dependencyCollector.impl=bf \
    dependency:copy-dependencies "-DoutputDirectory=$build/jars" >&2
  mkdir -p "$(dirname "$folder")"
  rm -rf "$folder"
  mv "$build/jars" "$folder"
fi
echo "$folder"

#!/bin/sh
# Checks the device path on this machine's GPU and prints one table to paste into an issue:
#   sh deploy/gpu/check.sh [--backend cuda|cpu] [--quick]
# Needs a JDK 17 or newer, Maven, and for cuda a driver of CUDA 11.6 or newer; the first run
# downloads 600 MB. --backend cpu runs the same operations on the CPU; --quick is a smaller run.
set -eu

home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
backend=cuda
quick=
stand_in=

while [ $# -gt 0 ]; do
  case $1 in
    --backend) backend=${2:-}; [ $# -gt 1 ] && shift ;;
    --quick) quick=--quick ;;
    *) backend= ;;
  esac
  shift
done
case $backend in
  cuda) profile=-Pcuda ;;
  cpu) profile='' stand_in=-Dflinkdeepfm.device.bytes=8000000000 ;;
  *) echo "usage: check.sh [--backend cuda|cpu] [--quick]" >&2; exit 2 ;;
esac
for tool in "$java" mvn; do
  command -v "$tool" >/dev/null || { echo "check.sh: expected $tool, found none" >&2; exit 2; }
done

classpath=$(mktemp)
trap 'rm -f "$classpath"' EXIT
echo "building ..." >&2
# shellcheck disable=SC2086 # a profile or nothing, and options of Maven (say, -o)
mvn -q -B ${MAVEN_OPTIONS:-} -f "$home/pom.xml" $profile -pl model -DskipTests test-compile \
  dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$classpath" >&2

# shellcheck disable=SC2086 # JAVA_OPTS is a list of words
"$java" -Xmx3g -Dorg.slf4j.simpleLogger.defaultLogLevel=warn $stand_in ${JAVA_OPTS:-} \
  -cp "$home/model/target/test-classes:$home/model/target/classes:$(cat "$classpath")" \
  io.github.flinkdeepfm.model.device.DeviceCheck "$backend" $quick

#!/bin/sh
# Runs the whole pipeline on this machine: sh deploy/demo.sh [options of 'demo', see --help]
# Needs a JDK 17 or newer, and Maven for the first run.
set -eu
exec sh "$(dirname "$0")/bin/flink-deepfm" demo "$@"

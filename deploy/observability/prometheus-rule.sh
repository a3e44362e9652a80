#!/bin/sh
# Writes prometheus-rule.yaml: alerts.yaml as the Prometheus operator takes it. A test compares.
set -eu
cd "$(dirname "$0")"
{
  cat <<'HEAD'
# Made of alerts.yaml by prometheus-rule.sh: change it there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: flink-deepfm
  namespace: deepfm
spec:
HEAD
  sed -e '/^#/d' -e '/./s/^/  /' alerts.yaml
} >"${1:-prometheus-rule.yaml}"

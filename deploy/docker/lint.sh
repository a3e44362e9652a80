#!/bin/sh
# Lints the Dockerfile; fetches the linter when it is not in npm's cache. For the cache alone:
#   npm_config_offline=true sh deploy/docker/lint.sh
set -eu
cd "$(dirname "$0")"
npm_config_fetch_retries=0 npm_config_fetch_timeout=20000 npm_config_update_notifier=false \
  exec npx --yes dockerfilelint@1.8.0 "${@:-Dockerfile}"

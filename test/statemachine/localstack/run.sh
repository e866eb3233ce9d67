#!/usr/bin/env bash
# Runs the scenario table on the Amazon States Language interpreter of LocalStack, in a virtual environment of its own.
# Needs python3 (3.10 or later) with venv, and the Python package index at the first run; about a minute then.
set -euo pipefail
cd "$(dirname "$0")/../../.."

here=test/statemachine/localstack
venv=node_modules/.cache/localstack
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/installed.txt"
fi
node_modules/.bin/node "$here/compare.ts" "$venv/bin/python"

#!/usr/bin/env bash
# Starts umadb and the platform on one disk, compares them, and ends both. Arguments go to `compare`; see README.md.
set -euo pipefail

version=0.7.8
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
allmende=${ALLMENDE:-$root/target/dist/allmende}
venv=$root/.tools/umadb-$version
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target/umadb-comparison}

if [[ ! -x $allmende ]]; then
  CARGO_TARGET_DIR=$root/target cargo build --profile dist --locked --manifest-path "$root/Cargo.toml" --package allmende
fi

# umadb's server is in its Python wheel. Its client needs protoc to build, which grpcio-tools brings along.
if [[ ! -x $venv/bin/umadb || ! -x $venv/bin/protoc ]]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet "umadb==$version" grpcio-tools
  printf '#!/bin/sh\nexec "%s/bin/python" -m grpc_tools.protoc "$@"\n' "$venv" >"$venv/bin/protoc"
  chmod +x "$venv/bin/protoc"
fi
PROTOC=${PROTOC:-$venv/bin/protoc} cargo build --release --locked --manifest-path "$here/Cargo.toml"

mkdir -p "$root/target"
scratch=$(mktemp -d "$root/target/umadb-comparison.XXXXXX")
pids=()
end() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null && wait "$pid" || true
  done
  rm -rf "$scratch"
}
trap end EXIT
trap 'exit 130' INT TERM

fail() {
  echo "$1 did not start:" >&2
  cat "$scratch/$1.err" >&2
  exit 1
}

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$venv/bin/umadb" --listen "127.0.0.1:$port" --db-path "$scratch/uma.db" \
  >"$scratch/umadb.out" 2>"$scratch/umadb.err" &
umadb_pid=$!
pids+=("$umadb_pid")

"$allmende" up --data "$scratch/allmende" --grpc 127.0.0.1:0 --http 127.0.0.1:0 --admin 127.0.0.1:0 \
  >"$scratch/allmende.out" 2>"$scratch/allmende.err" &
allmende_pid=$!
pids+=("$allmende_pid")

# Runs its arguments until they succeed, for at most 20 s and no longer than the server lives.
wait_for() {
  local name=$1 pid=$2
  shift 2
  for _ in {1..200}; do
    if "$@" 2>/dev/null; then return; fi
    kill -0 "$pid" 2>/dev/null || fail "$name"
    sleep 0.1
  done
  fail "$name"
}
listens() { (: <"/dev/tcp/127.0.0.1/$port"); }
wait_for umadb "$umadb_pid" listens
wait_for allmende "$allmende_pid" grep -q '^ready ' "$scratch/allmende.out"

url=$(sed -n 's/^ready .*grpc=\([^ ]*\).*/\1/p' "$scratch/allmende.out")
ALLMENDE_TOKEN=$(<"$scratch/allmende/operator.token")
export ALLMENDE_TOKEN
"$CARGO_TARGET_DIR/release/compare" --umadb "http://127.0.0.1:$port" --allmende "$url" "$@"

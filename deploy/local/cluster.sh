#!/usr/bin/env bash
# A cluster on this machine: Kafka broker, JobManager and TaskManagers, each a JVM of its own.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # also when it is run by sh
set -euo pipefail
umask 077 # job graphs in the temporary folder carry the passwords of job.yaml

usage() {
  cat <<'USAGE'
cluster.sh start [--taskmanagers N] [--slots N] [--topic NAME:PARTITIONS]... [--web-submit]
cluster.sh status | stop
cluster.sh submit --config job.yaml [options of 'flink-deepfm run']
cluster.sh flink ARGUMENTS...      Flink's own client: list, savepoint JOB, stop JOB, cancel JOB

Options of all commands, before the command's name (in brackets: the environment variable):
  --dir DIR             logs, pid files, configuration, data [LOCAL_DIR, deploy/target/local]
  --rest-port PORT      Flink's REST API and web interface [REST_PORT, 8081]
  --rpc-port PORT       JobManager [RPC_PORT, 6123]
  --blob-port PORT      JobManager [BLOB_PORT, 6124]
  --broker-port PORT    Kafka [BROKER_PORT, 9092]
  --task-port PORT      first of two for each TaskManager [TASK_PORT, 6130]
Options of start:
  --taskmanagers N      [2]
  --slots N             of each TaskManager [2]
  --topic NAME:N        a topic with N partitions, made unless it is there; may be repeated
                        [events:4, scores:4, events-dead:1]
  --web-submit          let the web interface take jars; anyone who reaches the port can then run
                        code
Needs 'mvn -DskipTests package' before. Everything listens on 127.0.0.1 only.
Exit codes: 0 done, 1 a process did not start or does not run, 2 wrong usage.
USAGE
}

fail() { # message, exit code
  echo "cluster.sh: $1" >&2
  exit "${2:-1}"
}

home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
dir=${LOCAL_DIR:-$home/deploy/target/local}
rest_port=${REST_PORT:-8081} rpc_port=${RPC_PORT:-6123} blob_port=${BLOB_PORT:-6124}
broker_port=${BROKER_PORT:-9092} task_port=${TASK_PORT:-6130}
taskmanagers=2 slots=2 web_submit=false topics=()

number() { # option, value
  [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || fail "$1: expected a number from 1, got '$2'" 2
  echo "$2"
}

options() { # takes the options it knows; command_line keeps what is left
  command_line=()
  while (($#)); do
    case $1 in
      --taskmanagers | --slots | --topic | --dir | --*-port)
        (($# > 1)) || fail "$1: expected a value, got none" 2 ;;
    esac
    case $1 in
      --dir) dir=$2 ;;
      --rest-port) rest_port=$(number "$1" "$2") ;;
      --rpc-port) rpc_port=$(number "$1" "$2") ;;
      --blob-port) blob_port=$(number "$1" "$2") ;;
      --broker-port) broker_port=$(number "$1" "$2") ;;
      --task-port) task_port=$(number "$1" "$2") ;;
      --taskmanagers) taskmanagers=$(number "$1" "$2") ;;
      --slots) slots=$(number "$1" "$2") ;;
      --topic) topics+=("--topic=$2") ;;
      --web-submit) web_submit=true; shift; continue ;;
      -h | --help) usage; exit 0 ;;
      submit | flink) # the rest is Flink's or the job's
        command_line+=("$@"); break ;;
      *) command_line+=("$1"); shift; continue ;;
    esac
    shift 2
  done
}

# --- processes -------------------------------------------------------------------------------

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A pid may have been given to another process since; only ours carries this option.
mark() { echo "-Dflinkdeepfm.cluster=$dir"; }

running() { # name
  local pid
  pid=$(cat "$dir/pids/$1.pid" 2>/dev/null) || return 1
  ps -o args= -p "$pid" 2>/dev/null | grep -qF -- "$(mark)"
}

names() {
  local file
  for file in "$dir"/pids/*.pid; do
    [[ -e $file ]] && basename "$file" .pid
  done
  return 0
}

launch() { # name, arguments of java
  local name=$1
  shift
  OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2} FLINK_PLUGINS_DIR=$dir/plugins \
    nohup "$java" "$(mark)" "-Dlog.file=$dir/logs/$name.log" "$@" >"$dir/logs/$name.log" 2>&1 </dev/null &
  echo $! >"$dir/pids/$name.pid"
}

await() { # name, what is waited for, command that tells
  local name=$1 what=$2 second
  shift 2
  for ((second = 0; second < 60; second++)); do
    "$@" && return
    running "$name" || break
    sleep 1
  done
  tail -n 5 "$dir/logs/$name.log" >&2
  fail "expected $what within 60 s, got none (see $dir/logs/$name.log)"
}

rest() { # path
  exec 3<>"/dev/tcp/127.0.0.1/$rest_port" || return 1
  printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$1" >&3
  timeout 5 cat <&3
  exec 3>&-
} 2>/dev/null

registered() { # how many TaskManagers at least
  local count
  count=$(rest /overview | grep -o '"taskmanagers":[0-9]*') || return 1
  ((${count#*:} >= $1))
}

broker_ready() { grep -q '^ready ' "$dir/logs/broker.log"; }

# --- commands --------------------------------------------------------------------------------

flink_classpath() { echo "$home/deploy/target/flink-lib/*:$home/deploy/target/lib/*"; }

check_built() {
  local file
  for file in deploy/target/flink-lib deploy/target/lib pipeline/target/flink-deepfm-job.jar \
    pipeline/target/flink-deepfm.jar; do
    [[ -e $home/$file ]] || fail "expected $home/$file, got none: run 'mvn -DskipTests package'"
  done
}

check_ports() {
  local port i taken=()
  local ports=("$rest_port" "$rpc_port" "$blob_port" "$broker_port")
  for ((i = 0; i < 2 * taskmanagers; i++)); do
    ports+=($((task_port + i)))
  done
  for port in "${ports[@]}"; do
    if listening "$port"; then
      taken+=("$port")
    fi
  done
  ((${#taken[@]} == 0)) || fail "expected free ports on 127.0.0.1, got taken: ${taken[*]} (--help lists the options that choose others)"
}

write_config() {
  mkdir -p "$dir"/{conf,logs,pids,plugins,tmp,checkpoints,savepoints}
  cat "$home/deploy/local/config.yaml" - >"$dir/conf/config.yaml" <<CONFIG
jobmanager.rpc.port: $rpc_port
blob.server.port: $blob_port
rest.port: $rest_port
rest.bind-port: $rest_port
taskmanager.numberOfTaskSlots: $slots
web.submit.enable: $web_submit
io.tmp.dirs: "$dir/tmp"
execution.checkpointing.dir: "file://$dir/checkpoints"
execution.checkpointing.savepoint-dir: "file://$dir/savepoints"
CONFIG
}

start() {
  check_built
  mkdir -p "$dir" && dir=$(CDPATH='' cd -- "$dir" && pwd)
  for name in $(names); do
    if running "$name"; then
      fail "$name runs already in $dir (stop it, or choose another --dir)"
    fi
  done
  check_ports
  write_config
  ((${#topics[@]})) || topics=(--topic=events:4 --topic=scores:4 --topic=events-dead:1)
  rm -f "$dir"/pids/*.pid
  trap 'code=$?; if ((code)); then stop; fi; exit "$code"' EXIT

  launch broker -Xmx384m -cp "$home/pipeline/target/flink-deepfm.jar" \
    io.github.flinkdeepfm.pipeline.broker.BrokerMain \
    --dir="$dir/broker" --port="$broker_port" "${topics[@]}"
  local logging="-Dlog4j2.configurationFile=$home/deploy/local/log4j2.properties" i
  launch jobmanager -Xms384m -Xmx384m "$logging" -cp "$(flink_classpath)" \
    org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint \
    --configDir "$dir/conf"
  await broker "a broker at 127.0.0.1:$broker_port" broker_ready
  await jobmanager "a JobManager at http://127.0.0.1:$rest_port" registered 0
  for ((i = 1; i <= taskmanagers; i++)); do
    launch "taskmanager-$i" -Xms512m -Xmx512m -XX:MaxDirectMemorySize=384m \
      -XX:MaxMetaspaceSize=256m -Dorg.bytedeco.javacpp.maxbytes=512m \
      -Dorg.bytedeco.javacpp.maxphysicalbytes=0 "$logging" -cp "$(flink_classpath)" \
      org.apache.flink.runtime.taskexecutor.TaskManagerRunner --configDir "$dir/conf" \
      -D taskmanager.resource-id="taskmanager-$i" \
      -D taskmanager.rpc.port=$((task_port + 2 * i - 2)) \
      -D taskmanager.data.port=$((task_port + 2 * i - 1))
  done
  for ((i = 1; i <= taskmanagers; i++)); do
    await "taskmanager-$i" "$taskmanagers TaskManagers" registered "$taskmanagers"
  done
  trap - EXIT
  echo "broker 127.0.0.1:$broker_port, Flink http://127.0.0.1:$rest_port, $taskmanagers TaskManagers with $slots slots each; logs in $dir/logs"
}

status() {
  local name code=0 any=false
  for name in $(names); do
    any=true
    if running "$name"; then
      echo "$name runs (pid $(cat "$dir/pids/$name.pid"))"
    else
      echo "$name does not run (see $dir/logs/$name.log)"
      code=1
    fi
  done
  $any || { echo "nothing was started in $dir"; code=1; }
  return $code
}

# The broker last, so that the job's producers can still end.
stop() {
  local name second
  for name in $(names | grep -v '^broker$') $(names | grep '^broker$'); do
    if running "$name"; then
      kill "$(cat "$dir/pids/$name.pid")" || true # it may have ended just now
      for ((second = 0; second < 100; second++)); do
        running "$name" || break
        sleep 0.1
      done
      if running "$name"; then
        kill -9 "$(cat "$dir/pids/$name.pid")" || true
      fi
      echo "$name stopped"
    fi
    rm -f "$dir/pids/$name.pid"
  done
}

flink() {
  [[ -f $dir/conf/config.yaml ]] || fail "nothing was started in $dir"
  FLINK_CONF_DIR=$dir/conf FLINK_PLUGINS_DIR=$dir/plugins exec "$java" -Xmx512m \
    -Dlog4j2.configurationFile="$home/deploy/local/log4j2-client.properties" \
    --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED \
    --add-opens=java.base/java.time=ALL-UNNAMED -cp "$(flink_classpath)" \
    org.apache.flink.client.cli.CliFrontend "$@"
}

options "$@"
set -- "${command_line[@]}"
[[ ! -d $dir ]] || dir=$(CDPATH='' cd -- "$dir" && pwd) # as start has written it down
command=${1:-}
(($#)) && shift
case $command in
  start | status | stop)
    (($# == 0)) || fail "$command: expected no more arguments, got '$*' (--help lists them)" 2
    "$command" ;;
  submit) flink run -d "$home/pipeline/target/flink-deepfm-job.jar" run "$@" ;;
  flink) flink "$@" ;;
  '') usage >&2; exit 2 ;;
  *) fail "expected start, status, stop, submit or flink, got '$command' (--help lists them)" 2 ;;
esac

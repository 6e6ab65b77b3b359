#!/usr/bin/env bash
# `make run`: nginx with the module, Redis, and a demo customer on a sandbox
# carrier, all on loopback and all in DIR, until SIGINT or SIGTERM.
#
# PORT (8080), DIR (./run), WINDOW (24h), WORKERS (auto), REDIS (empty = a
# server of its own in DIR; else unix:/path or host:port, and what else the
# directive sent_conv_redis takes).

set -u
umask 077

conf=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
ui=${UI:-$(dirname "$conf")/objs}
module=${MODULE:-$(dirname "$conf")/objs/ngx_http_sent_conv_module.so}

PORT=${PORT:-8080}
DIR=${DIR:-./run}
WINDOW=${WINDOW:-24h}
WORKERS=${WORKERS:-auto}
REDIS=${REDIS:-}

nginx=
redis=
tail=
channels=(whatsapp sms rcs)
template=0b3d7a52-6c1e-4f5a-9d38-2f4c7e1a9b60
declare -A number=([whatsapp]=+14155550100 [sms]=+14155550101
                   [rcs]=+14155550102)


. "$conf/demo.sh"


die() {
    echo "make run: $*" >&2
    stop
    exit 1
}


# ends what was started, in the order in which it depends on each other

stop() {
    trap '' INT TERM HUP

    end "$tail" TERM
    end "$nginx" QUIT
    end "$redis" TERM
}


end() {
    local pid=$1 i

    [ -n "$pid" ] || return 0

    kill -s "$2" "$pid" 2>/dev/null

    for ((i = 0; i < 200; i++)); do
        alive "$pid" || return 0
        pause 0.05
    done

    kill -s TERM "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
}


# running, and no zombie

alive() {
    local stat

    read -r stat 2>/dev/null <"/proc/$1/stat" && [[ $stat != *') Z '* ]]
}


# sleeps without a process; a signal ends it

pause() {
    read -rt "$1" <&8
}


# a child of a session of its own, so that Ctrl-C reaches only this script,
# and one that does not outlive it

spawn() {
    setsid setpriv --pdeathsig TERM "$@" 9<&- 8<&- </dev/null &
    disown
}


check() {
    [ -f "$module" ] || die "there is no $module (make build)"

    [[ $PORT =~ ^[1-9][0-9]{0,4}$ ]] && ((PORT < 65536)) \
        || die "PORT=$PORT is not a port"
    [[ $WORKERS =~ ^(auto|[1-9][0-9]{0,2})$ ]] \
        || die "WORKERS=$WORKERS is neither a number nor \"auto\""
    [[ $WINDOW =~ ^([0-9]+(ms|[smhdwMy])?\ ?)+$ ]] \
        || die "WINDOW=$WINDOW is not a time as 24h or 30s"
    [[ $REDIS =~ [\;{}$'\n'] ]] && die "REDIS=$REDIS is not an address"

    mkdir -p -- "$DIR" 2>/dev/null && DIR=$(cd -- "$DIR" && pwd -P) \
        && mkdir -p "$DIR"/{tmp,redis} 2>/dev/null && [ -w "$DIR" ] \
        || die "DIR=$DIR cannot be written to"
    [[ $DIR =~ [\"\$\\\'$'\n'] ]] \
        && die "DIR=$DIR has a character that nginx.conf cannot hold"
    ((${#DIR} < 95)) || die "DIR=$DIR is too long for a unix socket in it"

    exec 9>>"$DIR/lock"
    flock -n 9 || die "DIR=$DIR is in use by another make run"

    perl -MSocket -e '
        socket(my $s, AF_INET, SOCK_STREAM, 0) or exit 1;
        setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
        bind($s, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or exit 1;
        listen($s, 1) or exit 1' "$PORT" 2>/dev/null \
        || die "port $PORT of 127.0.0.1 is in use, or not for you to use"
}


# pings Redis; $1: what else than PONG is an answer of a Redis

ping_redis() {
    local at host=${address//[][]/}         # an IPv6 address has brackets

    case $address in
        unix:*) at=(-s "${address#unix:}") ;;
        *\])    at=(-h "$host") ;;
        *:*)    at=(-h "${host%:*}" -p "${host##*:}") ;;
        *)      at=(-h "$host") ;;
    esac

    timeout 3 redis-cli "${at[@]}" PING 2>&1 \
        | grep -Eq "^(PONG${1:+|$1})"
}


start_redis() {
    if [ -n "$REDIS" ]; then
        address=${REDIS%% *}
        ping_redis 'NOAUTH|LOADING|.*Authentication required' \
            || die "Redis at $address cannot be reached"
        return
    fi

    address="unix:$DIR/redis.sock"

    spawn redis-server "$conf/redis.conf" --port 0 --daemonize no \
        --unixsocket "$DIR/redis.sock" --unixsocketperm 700 \
        --dir "$DIR/redis" --logfile "$DIR/redis.log"
    redis=$!

    local i
    for ((i = 0; i < 600; i++)); do
        ping_redis && return
        alive "$redis" || break
        pause 0.1
    done

    redis=
    die "Redis did not start: $(tail -n 1 "$DIR/redis.log" 2>/dev/null)"
}


# random hex into a file, once

secret() {
    [ -s "$1" ] || od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$1"
}


# that of the run whose Redis this is, where it has one: they share its data

seal_key() {
    local beside

    seal="$DIR/sent_conv_seal.key"

    if [[ $address == unix:* ]]; then
        beside=$(dirname "${address#unix:}")/sent_conv_seal.key
        [ -r "$beside" ] && seal=$beside
    fi

    secret "$seal"
}


# name servers of this machine, as the directive wants them

resolver() {
    local word address list=''

    while read -r word address _; do
        [ "$word" = nameserver ] || continue
        case $address in
            *%*) ;;
            *:*) list+=" [$address]" ;;
            *)   list+=" $address" ;;
        esac
    done </etc/resolv.conf

    [ -z "$list" ] || echo "resolver$list;"
}


configure() {
    local text user='' channel words seal

    seal_key
    secret "$DIR/sent_conv_admin.token"
    for channel in "${channels[@]}"; do
        secret "$DIR/sandbox_$channel.secret"
    done

    # words in quotes: a path may hold what means something in nginx.conf
    read -ra words <<<"$REDIS"
    [ -n "$REDIS" ] || words=("$address")
    printf -v words '"%s" ' "${words[@]}"

    # workers that could not read DIR would be of no use
    ((EUID)) || user="user root;"

    text=$(<"$conf/nginx.conf.in")
    text=${text//@USER@/"$user"}
    text=${text//@MODULE@/"$module"}
    text=${text//@CONF@/"$conf"}
    text=${text//@UI@/"$ui"}
    text=${text//@DIR@/"$DIR"}
    text=${text//@PORT@/"$PORT"}
    text=${text//@WORKERS@/"$WORKERS"}
    text=${text//@WINDOW@/"\"$WINDOW\""}
    text=${text//@SEAL@/"$seal"}
    text=${text//@REDIS@/"${words% }"}
    text=${text//@RESOLVER@/"$(resolver)"}
    printf '%s\n' "$text" >"$DIR/nginx.conf"

    text=$("${server[@]}" -t 2>&1) && return

    die "nginx refuses its configuration: $(grep -m 1 -F '[emerg]' \
        <<<"$text" || tail -n 1 <<<"$text")"
}


start_nginx() {
    local i

    spawn "${server[@]}"
    nginx=$!

    for ((i = 0; i < 100; i++)); do
        curl -sfo /dev/null "$base/readyz" && return
        alive "$nginx" || break
        pause 0.1
    done

    if alive "$nginx"; then
        die "not ready: $(member message "$(curl -s "$base/readyz")")"
    fi

    nginx=
    die "nginx did not start: $(tail -n 1 "$DIR/error.log")"
}


# admin METHOD PATH [BODY]: the answer in $answer, its status in $status

admin() {
    answer=$(curl -s -X "$1" -w '\n%{http_code}' \
        -H "Authorization: Bearer $(<"$DIR/sent_conv_admin.token")" \
        ${3:+-H 'Content-Type: application/json' -d "$3"} "$base/admin$2")
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
}


# a string member of the last answer, or of a file

member() {
    [[ ${2-$answer} =~ \"$1\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"
}


# a number for the channel: the usual one, or another where a customer of the
# same Redis has that already

bind_number() {
    local i

    for ((i = 0; i < 20; i++)); do
        admin PUT "/numbers/$1/%2B${number[$1]#+}" \
            "{\"customer_id\":\"$customer\",\"carrier\":\"sandbox_$1\"}"
        [ "$status" = 409 ] || break
        number[$1]=+1415556$(printf '%04d' $((RANDOM % 10000)))
    done

    [[ $status == 2?? ]]
}


register_template() {
    local text='Hello {{name}}, see you tomorrow at ten.  Reply to reschedule.'

    admin PUT "/customers/$customer/templates/$template" \
        "{\"name\":\"appointment_confirm\",\"parameters\":[\"name\"],\
\"channels\":{\"whatsapp\":{\"name\":\"appointment_confirm\",\"language\":\"en\"},\
\"sms\":{\"text\":\"$text\"},\"rcs\":{\"text\":\"$text\"}}}"

    [[ $status == 2?? ]]
}


# the customer of the last run, where this Redis still has it; else a new one

demo() {
    local old='' channel new=''

    [ -s "$DIR/demo.json" ] && old=$(<"$DIR/demo.json")

    customer=$(member customer_id "$old")
    key=$(member api_key "$old")
    for channel in "${channels[@]}"; do
        [[ $old =~ \"numbers\":\{[^\}]*\"$channel\":\"([^\"]*)\" ]] \
            && number[$channel]=${BASH_REMATCH[1]}
    done

    if [ -z "$key" ] || [ "$(curl -s -o /dev/null -w '%{http_code}' \
        -H "x-api-key: $key" "$base/v3/conversations")" != 200 ]
    then
        admin POST /customers '{"name":"Demo"}'
        customer=$(member id) || return
        admin PATCH "/customers/$customer" '{"conversations_enabled":true}'
        [[ $status == 2?? ]] || return
        admin POST "/customers/$customer/keys" '{"name":"demo","role":"full"}'
        key=$(member key) || return
        new=yes
    fi

    for channel in "${channels[@]}"; do
        bind_number "$channel" || return
    done

    register_template && write_demo || return
    [ -z "$new" ] || demo_conversations
}


write_demo() {
    local channel numbers='' carriers=''

    for channel in "${channels[@]}"; do
        numbers+=",\"$channel\":\"${number[$channel]}\""
        carriers+=",\"$channel\":{\"name\":\"sandbox_$channel\","
        carriers+="\"url\":\"$base/carriers/sandbox_$channel\","
        carriers+="\"secret\":\"$(<"$DIR/sandbox_$channel.secret")\","
        carriers+="\"format\":\"generic\"}"
    done

    cat >"$DIR/demo.json.new" <<END
{"base_url":"$base","api_key":"$key",\
"admin_url":"$base/admin",\
"admin_token":"$(<"$DIR/sent_conv_admin.token")",\
"customer_id":"$customer","numbers":{${numbers#,}},\
"carriers":{${carriers#,}},\
"outbox_url":"$base/sandbox/outbox","redis":"$address"}
END
    mv "$DIR/demo.json.new" "$DIR/demo.json"

    # for curl -K: the key stays out of the list of processes
    cat >"$DIR/curlrc" <<END
header = "x-api-key: $key"
header = "Content-Type: application/json"
silent
show-error
write-out = "\n"
END
}


walk() {
    local rc id

    printf -v rc %q "$DIR/curlrc"
    id="\$(curl -K $rc \"$base/v3/conversations?status=open\""
    id+=" | grep -o '\"id\":\"[^\"]*' | head -n 1 | cut -d '\"' -f 4)"

    cat <<END

sent_conv runs at $base (Ctrl-C ends it)
dashboard: $base/ui/  sign in with the "api_key" of
customer, numbers, keys and secrets: $DIR/demo.json

A conversation in five lines, for another terminal.  What the agent's webhook
is sent appears here.

# 1. the agent asks to be told
curl -K $rc $base/v3/webhooks -d '{"display_name":"agent","endpoint_url":"$base/agent","event_types":["conversation","message"]}'
# 2. a contact writes: a window opens
curl -K $rc $base/sandbox/messages -d '{"from":"+14155550199","to":"${number[sms]}","channel":"sms","text":"Are you open today?"}'
# 3. the agent answers
curl -K $rc $base/v3/conversations/messages -d '{"to":"+14155550199","body":"Until six."}'
# 4. what the carrier was sent
curl -K $rc "$base/sandbox/outbox?limit=1"
# 5. the agent closes the conversation
curl -K $rc -X POST $base/v3/conversations/$id/close

The business begins: a template, whose answer opens a window.

curl -K $rc $base/v3/messages -d '{"to":["+14155550188"],"channel":["sms"],"template":{"name":"appointment_confirm","parameters":{"name":"Ann"}}}'
curl -K $rc $base/sandbox/messages -d '{"from":"+14155550188","to":"${number[sms]}","channel":"sms","text":"Friday is better"}'

END
}


# make ends by itself on SIGINT only once its children have; where the signal
# reached make alone, or make was killed, this is how it is noticed

caught() {
    local status=''

    read -rd '' status 2>/dev/null <"/proc/$PPID/status"
    [[ $status =~ ^Name:[[:space:]]*make$'\n' ]] || return 1
    [[ $status =~ SigCgt:[[:space:]]*[0-9a-f]*([0-9a-f])$'\n' ]] \
        && ((0x${BASH_REMATCH[1]} & 2))
}


serve() {
    local under_make=''

    caught && under_make=yes

    while :; do
        pause 1

        if [ -n "$under_make" ] && ! caught; then
            finish
        fi

        alive "$nginx" \
            || { nginx=; die "nginx ended: $(tail -n 1 "$DIR/error.log")"; }

        if [ -n "$redis" ] && ! alive "$redis"; then
            echo "Redis ended; starting it again"
            start_redis
        fi
    done
}


finish() {
    stop
    echo "stopped"
    exit 0
}


# ---- main ----

exec 8<> <(:)
trap finish INT TERM HUP

address=
base="http://127.0.0.1:$PORT"
check

server=(nginx -p "$DIR" -c "$DIR/nginx.conf" -e "$DIR/error.log")
export PATH="$PATH:/usr/sbin"

start_redis
configure
start_nginx
demo || die "the demo customer could not be made: $answer"

touch "$DIR/agent.jsonl"
walk
spawn tail -n 0 -F --pid=$$ "$DIR/agent.jsonl" 2>/dev/null
tail=$!

serve

# What a new demo customer has to look at on the dashboard: an agent, its
# webhook, and conversations in each state.  Sourced by run.sh, whose $base,
# $key, $channels and number of each channel it uses.


# api METHOD PATH BODY: the answer in $answer; false where it is no 2xx

api() {
    answer=$(curl -s -X "$1" -w '\n%{http_code}' -d "$3" \
        -H @<(echo "x-api-key: $key") -H 'Content-Type: application/json' \
        "$base$2")
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}

    [[ $status == 2?? ]]
}


# writes CONTACT NAME CHANNEL TEXT: the contact to us; $conversation is theirs

writes() {
    api POST /sandbox/messages "{\"from\":\"$1\",\"name\":\"$2\",\
\"to\":\"${number[$3]}\",\"channel\":\"$3\",\"text\":\"$4\"}" || return

    conversation=$(member conversation_id)
}


# answers CONTACT TEXT: we to the contact

answers() {
    api POST /v3/conversations/messages "{\"to\":\"$1\",\"body\":\"$2\"}"
}


# takes what comes by WhatsApp; the walk, by SMS, is left to its reader

demo_agent() {
    local starters='' channel

    for channel in "${channels[@]}"; do
        starters+=",{\"channel\":\"$channel\",\
\"template\":{\"name\":\"appointment_confirm\"},\
\"parameters\":{\"name\":\"contact.name\"}}"
    done

    api POST /v3/webhooks "{\"display_name\":\"Front desk, answers 204\",\
\"endpoint_url\":\"$base/agent/answer\",\
\"event_types\":[\"conversation\",\"message\"]}" || return

    api POST /v3/agents "{\"name\":\"Front desk\",\"definition\":{\"schema\":1,\
\"trigger\":{\"on\":\"either\",\"numbers\":[\"${number[whatsapp]}\"]},\
\"starters\":[${starters#,}],\"channels\":[\"whatsapp\",\"sms\",\"rcs\"],\
\"webhooks\":[],\"engine\":{\"greeting\":\"Hello, this is the front desk. How \
can we help?\",\"coalesce_seconds\":0,\"expiring_minutes\":60},\
\"ping\":{\"after_minutes\":120,\"text\":\"Are you still there?\",\"max\":1},\
\"ending\":{\"confirmation\":\"You will not hear from us again. START brings \
us back.\",\"keywords\":[\"BAJA\"]}}}" || return

    [[ $answer =~ \"agent\":\{\"id\":\"([^\"]*)\" ]] \
        && agent=${BASH_REMATCH[1]}
}


# open with two channels, closed, ended by a STOP, begun by the agent

demo_conversations() {
    local conversation agent

    demo_agent || return

    writes +14155550121 'Ada Byron' whatsapp \
        'Do you have a table for two tonight?' \
    && answers +14155550121 'Yes, at eight or at nine. Which one is yours?' \
    && writes +14155550121 'Ada Byron' sms 'At eight, by SMS from now on.' \
    && answers +14155550121 'Booked. See you at eight.' || return

    writes +14155550122 'Grace Hopper' sms 'Where are you?' \
    && answers +14155550122 'Main Street 7, opposite the station.' \
    && writes +14155550122 'Grace Hopper' sms 'Thank you!' \
    && api POST "/v3/conversations/$conversation/close" '{}' || return

    writes +14155550123 'Alan Turing' whatsapp 'What is new this week?' \
    && answers +14155550123 'Strawberries, and a new cake.' \
    && writes +14155550123 'Alan Turing' whatsapp 'STOP' || return

    api POST "/v3/agents/$agent/start" "{\"to\":\"+14155550124\",\
\"channel\":\"whatsapp\",\"parameters\":{\"name\":\"Mary\"}}" \
    && writes +14155550124 'Mary Jackson' whatsapp 'Friday is better for me.'
}

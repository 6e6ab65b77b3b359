-- Events as an endpoint gets them: "<event id> <type> <body>". Redis hashes
-- each Lua string whole: a long one is made in one expression.

-- RFC 3339 in UTC
local function stamp(ms)
    ms = tonumber(ms)
    local s = (ms - ms % 1000) / 1000
    local z = (s - s % 86400) / 86400 + 719468
    local doe = z % 146097
    local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524)
                       - floor(doe / 146096)) / 365)
    local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
    local mp = floor((5 * doy + 2) / 153)
    local month = mp < 10 and mp + 3 or mp - 9
    return format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ',
                  yoe + (z - doe) / 146097 * 400 + (month <= 2 and 1 or 0),
                  month, doy - floor((153 * mp + 2) / 5) + 1,
                  s % 86400 / 3600, s % 3600 / 60, s % 60, ms % 1000)
end

-- The trace of the request that runs the script goes on with what it causes:
-- behind an event's type and behind a carrier's item's "ends", ";00-...", or
-- nothing.
local trace = sub(ARGV[6], 37)

local freeform = '"template_id":null,"template_name":null,"agent_id":null'
local nobody = '"agent_id":null,"agent_version":null'

-- of a message; type and status are one word, small and large; template is
-- freeform, or of freeform_of() or template_of(); trail: the trace where there
-- is no other
local function message_item(id, at, customer, thread, type, status, msg, conv,
                            channel, from, to, text, template, error, trail)
    return id .. ' message.' .. type .. (trace ~= '' and trace or trail or '')
        .. ' {"id":"' .. id
        .. '","field":"message","event":"message.' .. type
        .. '","sub_type":"message.' .. type .. '","timestamp":"' .. at
        .. '","payload":{"account_id":"' .. customer .. '","message_id":"'
        .. msg .. '","message_status":"' .. status .. '","conversation_id":'
        .. (conv == '-' and 'null' or '"' .. conv .. '"') .. ',"thread_id":"'
        .. thread .. '","channel":"' .. channel .. '","inbound_number":"'
        .. from .. '","outbound_number":"' .. to .. '","text":' .. text
        .. ',' .. template .. ',"error":' .. error
        .. ',"updated_at":"' .. at .. '"}}'
end

-- of a conversation; agent = nobody, or of agent_of(), more = what its type
-- has besides
local function conversation_item(id, at, customer, thread, type, conv,
                                 contact_id, contact, channel, number, seq,
                                 agent, more)
    return id .. ' conversation.' .. type .. trace .. ' {"id":"' .. id
        .. '","field":"conversation","event":"conversation.' .. type
        .. '","sub_type":"conversation.' .. type .. '","timestamp":"' .. at
        .. '","payload":{"account_id":"' .. customer
        .. '","conversation_id":"' .. conv .. '","thread_id":"' .. thread
        .. '","contact_id":"' .. contact_id .. '","contact":"' .. contact
        .. '","number":"' .. number .. '","channel":"' .. channel
        .. '","sequence":' .. seq .. ',' .. agent .. ',' .. more .. '}}'
end

local function exchange(msg, direction, text, status, at)
    return '"message_id":"' .. msg .. '","direction":"' .. direction
        .. '","text":' .. text .. ',"status":"' .. status .. '","sent_at":"'
        .. at .. '"'
end

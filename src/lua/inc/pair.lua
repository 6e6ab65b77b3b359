-- What the scripts of a (customer, contact) pair share. The first keys are
--   1 lanes  2 lane  3 due  4 w  5 t  6 m  7 r  8 q:whatsapp  9 q:sms
--   10 q:rcs  11 live:<customer>  12 ix:<customer>
-- and the first arguments
--   1 now or ''  2 owner  3 lease (ms, 0 = take none)  4 keep (ms: retention
--   and window)  5 customer  6 a fresh UUIDv7 of the thread, of which event
--   ids are made by counting in its last 16 bits.
-- Behind the script's own keys stands the lane of each endpoint, behind its
-- own arguments that endpoint's mask of event types, plus 65536 * ms where the
-- caller does not want the lane now.
-- Events and carrier items are gathered and leave in one push per lane: send()
-- A key is not touched again after it may have vanished (a Cluster that moves
-- the slot would refuse it half-way): what removes comes last, in save().

local BIT = {
    started = 0x1, message_exchanged = 0x2, ended = 0x4,
    RECEIVED = 0x20, QUEUED = 0x40, SENT = 0x80, DELIVERED = 0x100,
    READ = 0x200, FAILED = 0x400, FILTERED = 0x800, BLOCKED = 0x1000,
}

local RANK = {
    RECEIVED = 0, QUEUED = 0, SENT = 1, FAILED = 2, FILTERED = 2, BLOCKED = 2,
    DELIVERED = 3, READ = 4,
}

local FINAL = { FAILED = 1, FILTERED = 1, BLOCKED = 1, READ = 1 }

local CHANNEL = { whatsapp = 8, sms = 9, rcs = 10 }

local function pair(keys, args)
    local x = {
        now = clock(ARGV[1]), owner = ARGV[2], lease = tonumber(ARGV[3]),
        keep = ARGV[4], customer = ARGV[5], lanes = KEYS[1], lane = KEYS[2],
        thread = sub(KEYS[5], -36), hooks = {}, want = 0, events = 0,
        out = {}, leased = {}, t = {}, dirty = {},
    }
    local hooks, want = x.hooks, 0
    for i = keys + 1, #KEYS do
        local mask = tonumber(ARGV[args + i - keys])
        local delay = 0
        if mask >= 65536 then
            delay = floor(mask / 65536)
            mask = mask % 65536
        end
        want = bit.bor(want, mask)
        hooks[#hooks + 1] = { key = KEYS[i], mask = mask, delay = delay }
    end
    x.want = want
    local all, t = call('HGETALL', KEYS[5]), x.t
    for i = 1, #all, 2 do
        t[all[i]] = all[i + 1]
    end
    return x
end

local function set(x, field, value)
    x.t[field] = value
    x.dirty[field] = true
end

-- RFC 3339 in UTC
local function stamp(ms)
    ms = tonumber(ms)
    local days = floor(ms / 86400000)
    local s = floor((ms - days * 86400000) / 1000)
    local z = days + 719468
    local era = floor(z / 146097)
    local doe = z - era * 146097
    local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524)
                       - floor(doe / 146096)) / 365)
    local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
    local mp = floor((5 * doy + 2) / 153)
    local month = mp < 10 and mp + 3 or mp - 9
    return format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ',
                  yoe + era * 400 + (month <= 2 and 1 or 0), month,
                  doy - floor((153 * mp + 2) / 5) + 1, floor(s / 3600),
                  floor(s / 60) % 60, s % 60, ms % 1000)
end

local function stamp_now(x)
    if not x.stamp then
        x.stamp = stamp(x.now)
    end
    return x.stamp
end

local function event_id(x)
    x.events = x.events + 1
    return 'evt_' .. sub(ARGV[6], 1, 32) .. format('%04x', x.events)
end

-- an event for every endpoint whose mask has it
local function fan(x, kind, id, field, type, payload)
    local bits = BIT[kind]
    local item = id .. ' ' .. type .. ' {"id":"' .. id .. '","field":"'
        .. field .. '","event":"' .. type .. '","sub_type":"' .. type
        .. '","timestamp":"' .. stamp_now(x) .. '","payload":{"account_id":"'
        .. x.customer .. '",' .. payload .. '}}'
    for _, hook in ipairs(x.hooks) do
        if bit.band(hook.mask, bits) ~= 0 then
            local items = hook.items
            if items then
                items[#items + 1] = item
            else
                hook.items = { item }
            end
        end
    end
end

-- a message's event; msg = {id, conversation or '-', channel, from, to, text}
local function report(x, status, msg, error)
    if bit.band(x.want, BIT[status]) == 0 then
        return
    end
    local conv = msg[2] == '-' and 'null' or '"' .. msg[2] .. '"'
    fan(x, status, event_id(x), 'message', 'message.' .. status:lower(),
        '"message_id":"' .. msg[1] .. '","message_status":"' .. status
        .. '","conversation_id":' .. conv .. ',"thread_id":"' .. x.thread
        .. '","channel":"' .. msg[3] .. '","inbound_number":"' .. msg[4]
        .. '","outbound_number":"' .. msg[5] .. '","text":' .. msg[6]
        .. ',"template_id":null,"template_name":null,"agent_id":null,"error":'
        .. (error or 'null') .. ',"updated_at":"' .. stamp_now(x) .. '"')
end

-- the open conversation's event; it counts whether anybody takes it or not
local function tell(x, what, id, channel, number, more)
    local t = x.t
    local seq = t.sq + 1
    set(x, 'sq', seq)
    if bit.band(x.want, BIT[what]) == 0 then
        return
    end
    fan(x, what, id or event_id(x), 'conversation', 'conversation.' .. what,
        '"conversation_id":"' .. t.c .. '","thread_id":"' .. x.thread
        .. '","contact_id":"' .. t.ci .. '","contact":"' .. t.n
        .. '","number":"' .. number .. '","channel":"' .. channel
        .. '","sequence":' .. seq .. ',"agent_id":null,"agent_version":null,'
        .. more)
end

local function exchanged(x, msg, direction, channel, number, text, status, at)
    tell(x, 'message_exchanged', nil, channel, number, '"message_id":"' .. msg
         .. '","direction":"' .. direction .. '","text":' .. text
         .. ',"status":"' .. status .. '","sent_at":"' .. at .. '"')
end

-- pushes what was gathered; idle lanes are leased to the caller
local function send(x)
    local put, states = { 'ZADD', x.lanes }, { 'HSET', x.lane }
    local function push(key, items, delay)
        local length
        for i = 1, #items, 4000 do          -- Lua's stack holds no more
            length = call('RPUSH', key, unpack(items, i,
                                                math.min(i + 3999, #items)))
        end
        if length > #items then
            return
        end
        local member, owner, flight = match(key, '}:(.+)$'), '-', '-'
        local at = x.now + delay
        if delay == 0 and x.lease > 0 then
            owner, flight = x.owner, match(items[1], '^%S+')
            at = x.now + x.lease
            local leased = x.leased
            leased[#leased + 1] = member
            leased[#leased + 1] = items[1]
        end
        put[#put + 1] = at
        put[#put + 1] = member
        states[#states + 1] = member
        states[#states + 1] = owner .. ' 0 ' .. flight .. ' - ' .. x.customer
    end
    for key, items in pairs(x.out) do
        push(key, items, 0)
    end
    for _, hook in ipairs(x.hooks) do
        if hook.items then
            push(hook.key, hook.items, hook.delay)
            hook.items = nil
        end
    end
    if #put > 2 then
        call(unpack(put))
        call(unpack(states))
    end
    x.out = {}
end

-- everything gathered leaves, the pair's hash is written, then what ended goes
local function save(x)
    send(x)
    local t, put, del = x.t, { 'HSET', KEYS[5] }, { 'HDEL', KEYS[5] }
    for field in pairs(x.dirty) do
        local value = t[field]
        if value == nil then
            del[#del + 1] = field
        else
            put[#put + 1] = field
            put[#put + 1] = value
        end
    end
    if #put > 2 then
        call(unpack(put))
    end
    if #del > 2 then
        call(unpack(del))
    end
    if x.ended then
        call('ZREM', KEYS[11], x.ended)
        call('ZREMRANGEBYSCORE', KEYS[12], '-inf', x.now - x.keep)
        if not t.c then
            call('ZREM', KEYS[3], 'w:' .. x.customer .. ':' .. x.thread)
            call('DEL', KEYS[4])
        end
    end
end

-- a transcript entry and its message's id
local function write(x, at, direction, msg, index, conv, channel, number, kind,
                     ends, text)
    local n = call('RPUSH', KEYS[6], at .. ' ' .. direction .. ' ' .. msg
                   .. ' ' .. conv .. ' ' .. channel .. ' ' .. number .. ' '
                   .. kind .. ' ' .. ends .. ' ' .. text)
    local position = (x.t.mb or 0) + n - 1
    call('SET', index, x.thread .. ' ' .. position, 'PX', x.keep)
    return position, n
end

-- a message to the contact: kept, reported, on its lane
local function outbound(x, msg, index, conv, channel, number, kind, mark, ends,
                        text)
    local position, n = write(x, x.now, 'O', msg, index, conv, channel, number,
                              kind, ends, text)
    report(x, 'QUEUED', { msg, conv, channel, number, x.t.n, text })
    if conv ~= '-' then
        set(x, 'no', x.t.no + 1)
        set(x, 'lo', x.now)
        exchanged(x, msg, 'OUTBOUND', channel, number, text, 'QUEUED',
                  stamp_now(x))
        call('ZADD', KEYS[11], x.now, conv)
    elseif n == 1 then
        call('PEXPIRE', KEYS[6], x.keep)
    end
    local key = KEYS[CHANNEL[channel]]
    local items = x.out[key] or {}
    items[#items + 1] = msg .. ' ' .. ends .. ' ' .. mark .. ' ' .. conv .. ' '
        .. number .. ' ' .. x.t.n .. ' ' .. text
    x.out[key] = items
    return position
end

local function last(history)
    return match(history, '([A-Z]+) [^\n]*$')
end

-- moves a message on, never back, and tells it
local function mark(x, status, msg, error, note)
    local was = call('HGET', KEYS[7], msg[1])
    local from = was and last(was) or 'QUEUED'
    if FINAL[from] or RANK[status] <= RANK[from] then
        return false
    end
    local line = status .. ' ' .. x.now .. (note and ' ' .. note or '')
    call('HSET', KEYS[7], msg[1], was and was .. '\n' .. line or line)
    if not was then
        call('PEXPIRE', KEYS[7], x.keep)
    end
    report(x, status, msg, error)
    return true
end

-- a carrier's item: the message as report() takes it, ends, kind
local function carried(item, channel)
    local id, ends, kind, conv, from, to, text =
        match(item, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
    return { id, conv, channel, from, to, text }, tonumber(ends), kind
end

local OPEN = {
    'c', 'e', 'o', 'tr', 'cs', 'ni', 'no', 'li', 'lo', 'sq', 'm0',
}

-- ends the open conversation at that time, for that reason
local function finish(x, reason, at)
    local t = x.t
    local channel = match(t.cs, '^[^,]+')
    local number = t['n:' .. channel]
    tell(x, 'ended', 'evt_' .. t.c .. '_ended', channel, number,
         '"close_reason":"' .. reason .. '","opened_at":"' .. stamp(t.o)
         .. '","ended_at":"' .. stamp(at) .. '","inbound_count":' .. t.ni
         .. ',"outbound_count":' .. t.no)
    call('HSET', KEYS[7], t.c, t.tr .. ' ' .. t.o .. ' ' .. t.e .. ' ' .. at
         .. ' ' .. reason .. ' ' .. t.ni .. ' ' .. t.no .. ' ' .. t.li .. ' '
         .. (t.lo or 0) .. ' ' .. channel .. ' ' .. t.cs .. ' ' .. number
         .. ' ' .. t.m0 .. ' ' .. (t.mb or 0) + call('LLEN', KEYS[6])
         .. ' ' .. t.sq)
    call('PEXPIRE', KEYS[7], x.keep)
    x.ended = t.c
    set(x, 'prev', t.c)
    if reason ~= 'EXPLICIT' then
        set(x, 'pe', at)
    end
    for _, field in ipairs(OPEN) do
        if t[field] ~= nil then
            set(x, field, nil)
        end
    end
end

-- a window whose end nobody has told yet
local function lapse(x)
    local t = x.t
    if t.c and tonumber(t.e) <= x.now then
        finish(x, 'EXPIRED', t.e)
    end
end

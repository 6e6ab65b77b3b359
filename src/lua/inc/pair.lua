-- What the scripts of a (customer, contact) pair share. The first keys are
--   1 lanes  2 lane  3 due  4 w  5 t  6 m  7 r  8 q:whatsapp  9 q:sms
--   10 q:rcs  11 live:<customer>  12 ix:<customer>
-- and the first arguments
--   1 now or ''  2 owner  3 lease (ms, 0 = take none)  4 keep (ms: retention
--   and window)  5 customer  6 a fresh UUIDv7 of the thread, of which event
--   ids are made by counting in its last 16 bits, and ";<traceparent>" of the
--   request, if it has one.
-- Behind the script's own keys stands the lane of each endpoint, then
-- st:<customer>, the statistics of its agents (inc/stats.lua), and last of all
-- hold:<thread>, what an agent that coalesces holds back; behind its own
-- arguments that endpoint's mask of event types, plus 65536 * ms where the
-- caller does not want the lane now.
-- Events and carrier items are gathered and leave in one push per lane, by
-- send(). A key is not touched again after it may have vanished (a Cluster
-- that moves the slot would refuse it half-way): what removes comes last, in
-- save(). Redis prints each number it is given by %.17g: a time is made text
-- once (ms).
-- Every answer ends in two lists: leased, "<lane>, <item>..." given to the
-- caller, and told, "<what>, <how often>..." that the step did and the caller
-- counts: "<channel> <STATUS>" of messages, "opened <trigger>", "ended
-- <reason>", "late" by ms, "OPT_OUT <source>", "OPT_IN <source>".

local band = bit.band

-- all fields of t:
local function whole(t)
    local all = call('HGETALL', KEYS[5])
    for i = 1, #all, 2 do
        t[all[i]] = all[i + 1]
    end
end

-- fields: {'HMGET', KEYS[5], field...} where not all of t: is wanted
local function pair(keys, args, fields)
    local now, hooks, want = clock(ARGV[1]), {}, 0
    for i = keys + 1, #KEYS - 2 do
        local mask, delay = tonumber(ARGV[args + i - keys]), 0
        if mask >= 65536 then
            delay = floor(mask / 65536)
            mask = mask % 65536
        end
        want = bit.bor(want, mask)
        hooks[#hooks + 1] = { key = KEYS[i], mask = mask, delay = delay }
    end
    local t = {
        c = nil, e = nil, o = nil, tr = nil, cs = nil, ni = nil, no = nil,
        li = nil, lo = nil, sq = nil, m0 = nil, n = nil, nm = nil, cu = nil,
        ci = nil, ch = nil, out = nil, prev = nil, pe = nil, mb = nil,
        wa = nil, up = nil, ag = nil, as = nil, ah = nil, pn = nil,
        bu = nil,
    }                                   -- room for all, so that it never grows
    if fields then
        for i, value in ipairs(call(unpack(fields))) do
            t[fields[i + 2]] = value or nil
        end
    else
        whole(t)
    end
    return {
        now = now, ms = format('%d', now), owner = ARGV[2],
        lease = tonumber(ARGV[3]), keep = ARGV[4], customer = ARGV[5],
        lanes = KEYS[1], lane = KEYS[2], thread = sub(KEYS[5], -36),
        tag = #KEYS[5] - 37, hooks = hooks, want = want, events = 0, out = {},
        leased = {}, told = {}, t = t, n = 2,
        put = { 'HSET', KEYS[5], nil, nil, nil, nil, nil, nil },
        gone = nil, stamp = nil, ended = nil, forget = nil, off = nil,
        freed = nil, counts = nil,
    }
end

-- something happened, for the caller to count
local function tally(x, what)
    local told = x.told
    for i = 1, #told, 2 do
        if told[i] == what then
            told[i + 1] = told[i + 1] + 1
            return
        end
    end
    told[#told + 1] = what
    told[#told + 1] = 1
end

-- For the statistics of an agent, once the step ends: 1 inbound, 2 outbound,
-- 3 opened, 4 EXPIRED, 5 EXPLICIT, 6 COMPLIANCE_STOP, 7 starter; when, in ms;
-- its id, or it is that of the open conversation.
local function count(x, what, at, agent)
    local counts = x.counts or {}
    local n = #counts
    x.counts = counts
    counts[n + 1] = what
    counts[n + 2] = agent or match(x.t.as, ' (%d+) %d+ %d+$')
    counts[n + 3] = tonumber(at)
end

local function set(x, field, value)
    local n = x.n
    x.t[field] = value
    x.put[n + 1], x.put[n + 2], x.n = field, value, n + 2
end

local function drop(x, field)
    local gone = x.gone or {}
    x.t[field], x.gone = nil, gone
    gone[#gone + 1] = field
end

-- the pair's deadline of that kind is no more, once the step ends
local function unset(x, kind)
    local off = x.off or {}
    x.off = off
    off[#off + 1] = kind .. ':' .. x.customer .. ':' .. x.thread
end

-- it is then; what was unset in the same step counts no more
local function due(x, kind, at)
    local member, off = kind .. ':' .. x.customer .. ':' .. x.thread, x.off
    call('ZADD', KEYS[3], format('%d', at), member)
    for i = off and #off or 0, 1, -1 do
        if off[i] == member then
            table.remove(off, i)
            x.off = off[1] and off or nil
        end
    end
end

-- Held: "<the endpoint's lane>\n<item>", in order. They leave, before what
-- was gathered so far; the last inbound among them ends the burst.
local function release(x)
    local held = call('LRANGE', KEYS[#KEYS], 0, -1)
    local lanes = {}
    for _, entry in ipairs(held) do
        local lane, item = match(entry, '^([^\n]+)\n(.*)$')
        lanes[lane] = lanes[lane] or {}
        table.insert(lanes[lane], item)
    end
    for _, hook in ipairs(x.hooks) do
        local items = lanes[sub(hook.key, x.tag)] or {}
        for _, item in ipairs(hook.items or {}) do
            items[#items + 1] = item
        end
        for i = #items, 1, -1 do
            if find(items[i], '^%S+ conversation%.message_exchanged[; ]')
               and find(items[i], ',"direction":"INBOUND","text":', 1, true)
            then
                items[i] = sub(items[i], 1, -3) .. ',"burst_end":true}}'
                break
            end
        end
        hook.items = items[1] and items or nil
    end
    x.freed = #held
    drop(x, 'bu')
    unset(x, 'h')
end

-- what was gathered waits, while there is a burst
local function hold(x)
    local put = {}
    for _, hook in ipairs(x.hooks) do
        for _, item in ipairs(hook.items or {}) do
            put[#put + 1] = sub(hook.key, x.tag) .. '\n' .. item
        end
        hook.items = nil
    end
    for i = 1, #put, 4000 do
        call('RPUSH', KEYS[#KEYS], unpack(put, i, math.min(i + 3999, #put)))
    end
end

-- what was gathered leaves
local function send(x)
    for key, items in pairs(x.out) do
        push(x, key, items, 0)
    end
    if x.t.bu then
        hold(x)
    end
    for _, hook in ipairs(x.hooks) do
        if hook.items then
            push(x, hook.key, hook.items, hook.delay)
            hook.items = nil
        end
    end
    settle(x)
    x.out = {}
end

-- everything gathered leaves, the pair's hash is written, then what ended goes
local function save(x)
    send(x)
    if x.n > 2 then
        call(unpack(x.put, 1, x.n))
    end
    if x.gone then
        local del = { 'HDEL', KEYS[5] }
        for _, field in ipairs(x.gone) do
            if x.t[field] == nil then
                del[#del + 1] = field
            end
        end
        if #del > 2 then
            call(unpack(del))
        end
    end
    if x.counts then
--#include stats
    end
    if x.forget then
        call('HDEL', KEYS[7], unpack(x.forget))
    end
    if x.ended then
        call('ZREM', KEYS[11], x.ended)
        call('ZREMRANGEBYSCORE', KEYS[12], '-inf', x.now - x.keep)
        if not x.t.c then
            unset(x, 'w')
            call('DEL', KEYS[4])
        end
    end
    if x.off then
        call('ZREM', KEYS[3], unpack(x.off))
    end
    if x.freed and x.freed > 0 then
        call('LTRIM', KEYS[#KEYS], x.freed, -1)
    end
end

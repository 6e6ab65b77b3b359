#!lua
--[[
  An inbound message: opens a window or continues the open one; the keywords
  (the caller has recognized them) take effect in the same step.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13]     once:<carrier>:<the carrier's message id>
  KEYS[14]     i:<message>
  KEYS[15]     i:<new conversation>          used only when a window opens
  KEYS[16]     i:<reply>                     used only when a text is sent back
  KEYS[17..]   the lane of each active endpoint of the customer

  ARGV[1..6]   the pair's
  ARGV[7]      contact, E.164    ARGV[8]   contact_id     ARGV[9]  our number
  ARGV[10]     channel           ARGV[11]  when the contact wrote, ms, or ''
  ARGV[12]     message id        ARGV[13]  its text, a JSON string or null
  ARGV[14]     keyword: '', stop, start or help
  ARGV[15]     new conversation id           ARGV[16]  window, ms
  ARGV[17]     ms to remember the carrier's id
  ARGV[18]     '1' = conversations are enabled for the customer
  ARGV[19]     the contact's name or ''
  ARGV[20]     what to answer: the confirmation for stop, the help text for
               help; a JSON string or ''     ARGV[21]  its message id
  ARGV[22]     kind of the message           ARGV[23..] masks

  Returns {what, now, message id, conversation or '', deadline or 0, leased}
    what: OPENED, CONTINUED, STOPPED, REPORTED (kept and told, no window), DUP
    (taken before, as that message); leased: lane, item, lane, item...
  Guarantees: once per carrier id; at most one open window; a lapsed window is
  ended before the next opens; nothing extends a deadline; an opt-out, the end
  of the window and of all that waits for a carrier are one step; an opt-in
  written before the recorded opt-out changes nothing.
]]
--#include clock lanes items push pair events window status

local seen = call('SET', KEYS[13], ARGV[12], 'NX', 'GET', 'PX', ARGV[17])
if seen then
    return { 'DUP', clock(ARGV[1]), seen, '', 0, {} }
end

local x = pair(16, 22)
local t, now = x.t, x.now
local contact, number, channel = ARGV[7], ARGV[9], ARGV[10]
local msg, text, keyword = ARGV[12], ARGV[13], ARGV[14]
local window = tonumber(ARGV[16])
local at = ARGV[11] ~= '' and math.max(1, math.min(tonumber(ARGV[11]), now))
    or now

lapse(x)

local known = t.cu
if not known then
    set(x, 'cu', ARGV[5])
    set(x, 'n', contact)
    set(x, 'ci', ARGV[8])
end
if ARGV[19] ~= '' and t.nm ~= ARGV[19] then
    set(x, 'nm', ARGV[19])
end
if t.ch ~= channel then
    set(x, 'ch', channel)
end
if t['n:' .. channel] ~= number then
    set(x, 'n:' .. channel, number)
end
if keyword == 'start' and t.out and at > tonumber(t.out) then
    t.out, x.gone = nil, x.gone or {}
    x.gone[#x.gone + 1] = 'out'
end

local what = 'CONTINUED'
if not t.c then
    what = 'OPENED'
    if t.out or keyword == 'stop' or ARGV[18] ~= '1' or at + window <= now
       or (t.pe and at < tonumber(t.pe))
    then
        what = 'REPORTED'
    end
end

if what == 'OPENED' and known then
    -- retention: the oldest entries go, the last one never
    local first = call('LINDEX', KEYS[6], 0)
    local limit = now - x.keep
    if first and tonumber(match(first, '^%d+')) < limit then
        local old, gone, ids = call('LRANGE', KEYS[6], 0, 255), 0, {}
        while gone < #old - 1
              and tonumber(match(old[gone + 1], '^%d+')) < limit
        do
            gone = gone + 1
            local id, conv = match(old[gone], '^%d+ %u (%S+) (%S+)')
            ids[#ids + 1] = id
            if conv ~= '-' and not find(old[gone + 1], conv, 1, true) then
                ids[#ids + 1] = conv
            end
        end
        if gone > 0 then
            call('LPOP', KEYS[6], gone)
            set(x, 'mb', (t.mb or 0) + gone)
            if call('EXISTS', KEYS[7]) == 1 then
                x.forget = ids
            end
        end
    end
end

local conv = what == 'REPORTED' and '-' or t.c or ARGV[15]
report(x, 0x20, 'received', 'RECEIVED', msg, conv, channel, contact, number,
       text)
local written = at == now and x.ms or format('%d', at)
local place, entries = write(x, written, 'I', msg, KEYS[14], conv, channel,
                             number, ARGV[22], 0, text)

if what == 'OPENED' then
    local ends = format('%d', at + window)
    set(x, 'c', conv)
    set(x, 'e', ends)
    set(x, 'o', written)
    set(x, 'tr', 'INBOUND')
    set(x, 'cs', channel)
    set(x, 'no', '0')
    set(x, 'm0', place)
    t.ni, t.sq = 0, 0
    call('SET', KEYS[4], conv, 'PXAT', ends)
    call('ZADD', KEYS[3], ends, 'w:' .. x.customer .. ':' .. x.thread)
    call('SET', KEYS[15], x.thread, 'PX', x.keep)
    call('ZADD', KEYS[12], written, conv)
    call('PEXPIRE', KEYS[12], x.keep)
    tell(x, 1, 'started', 'evt_' .. conv .. '_started', channel, number,
         '"trigger":"INBOUND","opened_at":"'
         .. (at == now and stamp_now(x) or stamp(at))
         .. '","expires_at":"' .. stamp(ends) .. '","channels":["' .. channel
         .. '"],"lead":{"name":' .. (t.nm and cjson.encode(t.nm) or 'null')
         .. ',"template":null,"first_text":' .. text
         .. '},"previous_conversation_id":'
         .. (t.prev and '"' .. t.prev .. '"' or 'null'))
end

-- a first window's end sets the TTL; a later one must not lose it before
if what == 'REPORTED' or (what == 'OPENED' and entries > 1) then
    call('PEXPIRE', KEYS[6], x.keep)
end

if t.c then
    set(x, 'ni', format('%d', t.ni + 1))
    set(x, 'li', written)
    if sub(t.cs, 1, #channel) ~= channel then
        local others = channel
        for c in string.gmatch(t.cs, '[^,]+') do
            if c ~= channel then
                others = others .. ',' .. c
            end
        end
        set(x, 'cs', others)
    end
    call('ZADD', KEYS[11], x.ms, t.c)
    exchanged(x, msg, 'INBOUND', channel, number, text, 'RECEIVED',
              at == now and stamp_now(x) or stamp(at))
end

-- After an opt-out nothing waits for a carrier but what is exempt; an attempt
-- under way is left to its end, and told what becomes of it if it fails. Tells
-- what is cancelled; what it returns takes it off the lanes.
local function cancel()
    local todo = {}
    for k, name in ipairs({ 'whatsapp', 'sms', 'rcs' }) do
        local key = KEYS[7 + k]
        local items = call('LRANGE', key, 0, -1)
        if #items > 0 then
            local member = match(key, '}:(.+)$')
            local owner, attempts, flight, _, customer = state(x, member)
            local live = owner ~= '-' and flight ~= '-'
                and tonumber(call('ZSCORE', x.lanes, member)) > now
            local lane = { key = key, member = member, customer = customer,
                           gone = {} }
            for i, item in ipairs(items) do
                local m, _, kind = carried(item, name)
                if kind == 'C' then
                    lane.next = lane.next or item
                elseif i == 1 and live and flight == m[1] then
                    lane.busy = true
                    keep(x, member, owner, attempts, flight, 'FILTERED',
                         customer)
                else
                    lane.cut = lane.cut or i == 1
                    lane.gone[#lane.gone + 1] = item
                    mark(x, 'FILTERED', m)
                end
            end
            todo[#todo + 1] = lane
        end
    end
    return todo
end

local function purge(todo)
    for _, lane in ipairs(todo) do
        local next = lane.next
        if not next and not lane.busy then
            idle(x, lane.member)
        elseif lane.cut and x.lease > 0 then
            grant(x, lane.member, match(next, '^%S+'), 0, lane.customer)
            x.leased[#x.leased + 1] = lane.member
            x.leased[#x.leased + 1] = next
        elseif lane.cut then
            leave(x, lane.member, 0, now, lane.customer)
        end
        for _, item in ipairs(lane.gone) do
            call('LREM', lane.key, 1, item)
        end
    end
end

local reply = ARGV[20] ~= '' and at + window > now
local todo
if keyword == 'stop' then
    local first = not t.out
    if not t.out or at > tonumber(t.out) then
        set(x, 'out', written)
    end
    if t.c then
        finish(x, 'COMPLIANCE_STOP', x.ms)
    end
    if first and reply then
        outbound(x, ARGV[21], KEYS[16], '-', channel, number, 'confirmation',
                 'C', format('%d', now + window), ARGV[20])
    end
    send(x)
    todo = cancel()
    what = 'STOPPED'
elseif keyword == 'help' and reply then
    outbound(x, ARGV[21], KEYS[16], t.c or '-', channel, number, 'help', 'C',
             t.e or format('%d', now + window), ARGV[20])
end

if x.forget then
    call('HDEL', KEYS[7], unpack(x.forget))
end
save(x)
if todo then
    purge(todo)
end
return {
    what, now, msg, conv == '-' and '' or conv, tonumber(t.e or 0), x.leased,
}

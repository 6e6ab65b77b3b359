#!lua flags=allow-oom
--[[
  Takes what is due in a partition.
  KEYS[1] lanes  KEYS[2] lane  KEYS[3] due
  ARGV[1] now or ''  [2] owner  [3] lease ms  [4] ms after which a deadline
    comes again  [5] deadlines at most  [6] lanes at most
  ARGV[7] '1' = a carrier's lane whose lease lapsed is not taken: its owner may
    only have been slow
  Returns {now, next deadline or -1, next lane or -1, {member of due...},
    {lane, customer, lane, customer...}, how many of these had an owner whose
    lease ran out}; who got a lane runs take.
  Guarantees: a lane goes to one owner, in order of time; a claimer that dies
  delays a deadline by ARGV[4], a delivery by ARGV[3].
]]
--#include clock

local now = clock(ARGV[1])

local function due(key, limit)
    local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
    if not first then
        return {}, -1
    end
    first = tonumber(first)
    if first > now then
        return {}, first
    end
    return call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, limit), now
end

local members, next = due(KEYS[3], ARGV[5])
if #members > 0 then
    local put = { 'ZADD', KEYS[3] }
    for _, member in ipairs(members) do
        put[#put + 1] = now + ARGV[4]
        put[#put + 1] = member
    end
    call(unpack(put))
end

local lanes, later = {}, nil
if ARGV[6] == '0' then
    later = -1
else
    lanes, later = due(KEYS[1], ARGV[6])
end
local got, lapsed = {}, 0
if #lanes > 0 then
    local states = call('HMGET', KEYS[2], unpack(lanes))
    local put, kept, gone = { 'ZADD', KEYS[1] }, { 'HSET', KEYS[2] }, {}
    for i, member in ipairs(lanes) do
        local owner, rest, customer = match(states[i] or '',
                                            '^(%S+) (%S+ %S+ %S+ (%S+))$')
        local target = match(member, '^q:(%a+):')
        if not owner then
            gone[#gone + 1] = member
        elseif ARGV[7] == '1' and owner ~= '-'
               and (target == 'whatsapp' or target == 'sms' or target == 'rcs')
        then
            put[#put + 1] = now + 1000
            put[#put + 1] = member
        else
            put[#put + 1] = now + ARGV[3]
            put[#put + 1] = member
            kept[#kept + 1] = member
            kept[#kept + 1] = ARGV[2] .. ' ' .. rest
            got[#got + 1] = member
            got[#got + 1] = customer
            lapsed = lapsed + (owner ~= '-' and 1 or 0)
        end
    end
    if #put > 2 then
        call(unpack(put))
    end
    if #kept > 2 then
        call(unpack(kept))
    end
    if #gone > 0 then
        call('ZREM', KEYS[1], unpack(gone))
    end
end

return { now, next, later, members, got, lapsed }

-- The end of a step of an agent's conversation: what it counted (count() in
-- inc/pair.lua) goes into the hash st:<customer>, KEYS[#KEYS - 1]. Its fields:
--   agents     how many have a number   turn  which is looked at next
--   <agent>    its number
--   <number><level><place>  "<slot> <inbound> <outbound> <opened> <EXPIRED>
--     <EXPLICIT> <COMPLIANCE_STOP> <starters>": a slot is the ms since
--     1970 by the width of its level (m = minutes, h = half hours, d = 6 h);
--     each level is a ring, so that what is too old is written over
-- In live:<customer>, KEYS[11], an agent's open conversation stands once more,
-- as "<conversation>a" by "ms - number * 2^42": below 0, and each agent's in
-- the order of their last message.
--#include number

local counts, key, open = x.counts, KEYS[#KEYS - 1], nil
local add, get, put = {}, { 'HMGET', key }, { 'HSET', key }

-- the ring of that agent's level has so many places of that width
local function into(what, n, at, level, width, places)
    local slot = floor(at / width)
    if slot <= floor(x.now / width) - places then
        return
    end
    local field = n .. level .. slot % places
    local sum = add[field]
    if not sum then
        sum = { slot, 0, 0, 0, 0, 0, 0, 0 }
        add[field] = sum
        get[#get + 1] = field
    end
    sum[what + 1] = sum[what + 1] + 1
end

for i = 1, #counts, 3 do
    local what, n, at = counts[i], counts[i + 1], counts[i + 2]
    if #n == 36 then
        n = number(n)
    end
    if what < 3 then
        open = n
    end
    into(what, n, at, 'm', 60000, 60)
    into(what, n, at, 'h', 1800000, 48)
    into(what, n, at, 'd', 21600000, 120)
end

local fresh
if get[3] then
    for i, is in ipairs(call(unpack(get))) do
        local field, k = get[i + 2], 1
        local sum = add[field]
        local slot = tonumber(match(is or '0', '^%d+'))
        if slot == sum[1] then
            for part in string.gmatch(is, ' (%d+)') do
                k = k + 1
                sum[k] = sum[k] + part
            end
        end
        if slot <= sum[1] then          -- else the clock was put back
            put[#put + 1] = field
            put[#put + 1] = table.concat(sum, ' ')
            fresh = fresh or slot < sum[1] and find(field, 'd', 1, true)
        end
    end
end
if put[3] then
    call(unpack(put))
end

-- each 6 h it lives on, and an agent in turn goes, if it is too old
if fresh then
    call('PEXPIRE', key, math.max(x.keep, 2764800000))
    local turn = tonumber(call('HINCRBY', key, 'turn', 1))
    turn = turn % (call('HGET', key, 'agents') or 1) + 1
    local all, alive = {}, false
    for i = 0, 119 do
        all[i + 1] = turn .. 'd' .. i
    end
    for _, is in ipairs(call('HMGET', key, unpack(all))) do
        alive = alive or is and tonumber(match(is, '^%d+'))
                                > floor(x.now / 21600000) - 120
    end
    if not alive then
        for i = 0, 59 do
            all[#all + 1] = turn .. 'h' .. i
            all[#all + 1] = turn .. 'm' .. i
        end
        call('HDEL', key, unpack(all))
    end
end

if open and x.t.c then
    call('ZADD', KEYS[11], format('%d', x.now - open * 4398046511104),
         x.t.c .. 'a')
end
if x.ended then
    call('ZREM', KEYS[11], x.ended .. 'a')
end

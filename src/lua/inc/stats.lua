-- The end of a step of an agent's conversation: what it counted (count() in
-- inc/pair.lua) goes into the hash st:<customer>, KEYS[#KEYS - 1]. Its fields:
--   agents     how many have a number   turn  which is looked at next
--   <agent>    its number
--   <number><level><what>:<place>  slot * 2^26 + how many: a slot is the ms
--     since 1970 by the width of its level (m = minutes, h = half hours, d =
--     6 h); each level is a ring, so that what is too old is written over
-- In live:<customer>, KEYS[11], an agent's open conversation stands once more,
-- as "<conversation>a" by "ms - number * 2^42": below 0, and each agent's in
-- the order of their last message.
--#include number

local counts, key, open, fresh = x.counts, KEYS[#KEYS - 1], nil, nil
for i = 1, #counts, 3 do
    local what, n, at = counts[i], counts[i + 1], counts[i + 2]
    if #n == 36 then
        n = number(n)
    end
    if what < 3 then
        open = n
    end
    for k = 1, 3 do
        local level, width, places = 'm', 60000, 60
        if k == 2 then
            level, width, places = 'h', 1800000, 48
        elseif k == 3 then
            level, width, places = 'd', 21600000, 120
        end
        local slot = floor(at / width)
        if slot > floor(x.now / width) - places then
            local field = n .. level .. what .. ':' .. slot % places
            local is = call('HINCRBY', key, field, 1)
            if is <= slot * 67108864 then
                call('HSET', key, field, format('%d', slot * 67108864 + 1))
                fresh = fresh or k == 3
            elseif is > (slot + 1) * 67108864 then
                call('HINCRBY', key, field, -1)     -- the clock was put back
            end
        end
    end
end

-- each 6 h it lives on, and an agent in turn goes, if it is too old
if fresh then
    call('PEXPIRE', key, math.max(x.keep, 2764800000))
    local turn = tonumber(call('HINCRBY', key, 'turn', 1))
    turn = turn % (call('HGET', key, 'agents') or 1) + 1
    local all, limit, alive = {}, floor(x.now / 21600000) - 120, false
    local function fields(level, places)
        for i = 0, 7 * places - 1 do
            all[#all + 1] = turn .. level .. i % 7 + 1 .. ':' .. floor(i / 7)
        end
    end
    fields('d', 120)
    for _, is in ipairs(call('HMGET', key, unpack(all))) do
        alive = alive or is and floor(is / 67108864) > limit
    end
    if not alive then
        fields('h', 48)
        fields('m', 60)
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

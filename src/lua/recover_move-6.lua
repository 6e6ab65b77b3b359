#!lua flags=allow-oom
--[[
  The next events that an endpoint is to be sent again go onto their lanes.
  KEYS[1] lanes  KEYS[2] lane  KEYS[3] due  KEYS[4] d:<endpoint>
  KEYS[5] b:<endpoint>  KEYS[6] a:<endpoint>
  KEYS[7..] the lanes of those that recover_next has named
  ARGV[1] now or ''  [2] owner  [3] lease ms, 0 = take none  [4] customer
  ARGV[5] member of due  [6] ms until its next turn  [7] ms that d: reaches
    back  [8] how many events, 0 = none now
  ARGV[9] ms to keep their attempts, or '' = they are not kept
  ARGV[10] ms for which the caller does not want the lanes
  Returns {now, how many, '1' = there is more, leased, {}}.
  Guarantees: the oldest first; each leaves the one place for the other in one
  step; whoever dies in between, the next turn goes on.
]]
--#include clock push logged

local x = { now = clock(ARGV[1]), owner = ARGV[2], lease = tonumber(ARGV[3]),
            customer = ARGV[4], lanes = KEYS[1], lane = KEYS[2], leased = {} }
local wanted = tonumber(ARGV[8])
if wanted == 0 then
    call('ZADD', KEYS[3], 'XX', x.now + ARGV[6], ARGV[5])
    return { x.now, 0, '1', {}, {} }
end

local from, till = match(call('GET', KEYS[5]) or '', '^(%d+) (%d+)$')
local n = call('LLEN', KEYS[4]) / 2
local place = from and since(KEYS[4], n, math.max(tonumber(from),
                                                  x.now - ARGV[7])) or n
if place == n or ended(KEYS[4], place) > tonumber(till) then
    call('ZREM', KEYS[3], ARGV[5])
    call('DEL', KEYS[5])
    return { x.now, 0, '', {}, {} }
end

local lanes, count = {}, 0
for i = 7, #KEYS do
    lanes[sub(KEYS[i], -36)] = { key = KEYS[i] }
end
local part = call('LRANGE', KEYS[4], 2 * place, 2 * (place + wanted) - 1)
for i = 1, #part, 2 do
    local record, item = part[i], part[i + 1]
    local lane = lanes[thread_of(item)]
    if not lane or tonumber(match(record, '^%d+')) > tonumber(till) then
        break
    end
    lane[#lane + 1] = item
    count = count + 1
    local past = ARGV[9] ~= '' and before(sub(lane.key, -36), record)
    if past then
        call('HSET', KEYS[6], match(item, '^%S+'), past)
    end
end
if count > 0 and ARGV[9] ~= '' and call('EXISTS', KEYS[6]) == 1 then
    call('PEXPIRE', KEYS[6], ARGV[9])
end
for i = 7, #KEYS do
    local lane = lanes[sub(KEYS[i], -36)]
    if lane[1] then
        x.tag = #lane.key - #match(lane.key, '}:(.+)$') + 1
        push(x, lane.key, lane, tonumber(ARGV[10]))
    end
end
settle(x)
call('ZADD', KEYS[3], x.now + ARGV[6], ARGV[5])
if count > 0 then
    remove(KEYS[4], place, count)
end
return { x.now, count, '1', x.leased, {} }

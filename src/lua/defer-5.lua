#!lua flags=allow-oom
--[[
  An endpoint's lane may not start now: it waits on, and what has waited for
  too long is given up.
  KEYS[1] lanes  KEYS[2] lane  KEYS[3] the lane's list  KEYS[4] d:<endpoint>
  KEYS[5] a:<endpoint>
  ARGV[1] now or ''  [2] owner
  ARGV[3] event id, or '-' = the lane was claimed, nothing was taken
  ARGV[4] ms until it may be claimed  [5] ms that an event may be old, 0 = none
    waits on  [6] ms to keep the dead  [7] how many of them
  ARGV[8] why, as an attempt that took '-' (inc/log.lua)
  Returns {"LATER", now, how many were given up}, {"LEFT", now, how many} (free
    for all: there is more to give up), {"EMPTY", now, how many} or {"LOST",
    now, 0}.
  Guarantees: nothing is tried and nothing counts; who lost the lane changes
  nothing; the first event that may wait keeps those behind it.
]]
--#include clock items lanes log

local x = { now = clock(ARGV[1]), owner = ARGV[2], lanes = KEYS[1],
            lane = KEYS[2] }
local member = match(KEYS[3], '}:(.+)$')
local owner, attempts, flight, _, customer = state(x, member)
if owner ~= x.owner or (ARGV[3] ~= '-' and ARGV[3] ~= flight) then
    return { 'LOST', x.now, 0 }
end

local age, ms, gone = tonumber(ARGV[5]), format('%d', x.now), 0
local left, items = call('LLEN', KEYS[3]), call('LRANGE', KEYS[3], 0, 99)
local bound, ids, known = stamp(x.now - age), {}, {}
for i, item in ipairs(items) do
    if age > 0 and (match(item, '"timestamp":"([^"]*)"') or '~') > bound then
        break
    end
    gone, ids[i] = i, match(item, '^%S+')
end
local pasts = gone > 0 and call('HMGET', KEYS[5], unpack(ids)) or {}
for i, past in ipairs(pasts) do
    local record = told(past, 0, ms, ARGV[8])
    if record then
        enter(x, KEYS[4], ms .. '\n' .. record, items[i], ARGV[7], ARGV[6],
              ARGV[6])
    end
    if past then
        known[#known + 1] = ids[i]
    end
end

left = left - gone
local answer = { 'LATER', x.now, gone }
if gone > 0 then
    attempts = 0
end
if left == 0 then
    idle(x, member)
    answer[1] = 'EMPTY'
elseif gone == #items then
    leave(x, member, attempts, x.now, customer)
    answer[1] = 'LEFT'
else
    leave(x, member, attempts, x.now + ARGV[4], customer)
end
if #known > 0 then
    call('HDEL', KEYS[5], unpack(known))
end
if gone > 0 then
    call('LPOP', KEYS[3], gone)
end
return answer

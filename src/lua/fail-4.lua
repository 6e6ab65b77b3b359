#!lua flags=allow-oom
--[[
  An attempt at an endpoint failed, or is given back, or the event is given up.
  KEYS[1] lanes  KEYS[2] lane  KEYS[3] the lane's list  KEYS[4] d:<endpoint>
  ARGV[1] now or ''  [2] owner  [3] lease ms, 0 = take no further one
  ARGV[4] event id, or '-' = the lane was claimed, nothing was taken
  ARGV[5] ms until the next attempt; -1 = dead; -3 = the endpoint is no more,
    the lane goes whole
  ARGV[6] ms to keep the dead  [7] how many of them  [8] '1' = no attempt made
  Returns {"LATER", now, failed attempts}, {"NEXT", now, item, failed
    attempts}, {"EMPTY", now} or {"LOST", now}.
  Guarantees: an event leaves unreceived only into d:<endpoint>, or with its
  endpoint; who lost the lane changes nothing.
]]
--#include clock lanes

local x = { now = clock(ARGV[1]), owner = ARGV[2], lease = tonumber(ARGV[3]),
            lanes = KEYS[1], lane = KEYS[2] }
local member, delay = match(KEYS[3], '}:(.+)$'), tonumber(ARGV[5])
local owner, attempts, flight, _, customer = state(x, member)
if owner ~= x.owner or (ARGV[4] ~= '-' and ARGV[4] ~= flight) then
    return { 'LOST', x.now }
end
if delay == -3 then
    idle(x, member)
    call('DEL', KEYS[3])
    return { 'EMPTY', x.now }
end
if ARGV[4] == '-' then
    leave(x, member, attempts, x.now + delay, customer)
    return { 'LATER', x.now, tonumber(attempts) }
end
local items = call('LRANGE', KEYS[3], 0, 1)
local item, popped, answer = items[1], false, nil
if match(item, '^%S+') == ARGV[4] then
    if delay ~= -1 then
        attempts = tonumber(attempts) + (ARGV[8] == '1' and 0 or 1)
        leave(x, member, attempts, x.now + delay, customer)
        return { 'LATER', x.now, attempts }
    end
    call('RPUSH', KEYS[4], item)
    call('LTRIM', KEYS[4], -tonumber(ARGV[7]), -1)
    call('PEXPIRE', KEYS[4], ARGV[6])
    popped, item, attempts = true, items[2], 0
end
if not item then
    idle(x, member)
    answer = { 'EMPTY', x.now }
elseif x.lease == 0 then
    leave(x, member, attempts, x.now, customer)
    answer = { 'LATER', x.now, tonumber(attempts) }
else
    grant(x, member, match(item, '^%S+'), attempts, customer)
    answer = { 'NEXT', x.now, item, tonumber(attempts) }
end
if popped then
    call('LPOP', KEYS[3])
end
return answer

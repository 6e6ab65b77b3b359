#!lua flags=allow-oom
--[[
  An attempt at an endpoint failed, or is given back, or the event is given up.
  KEYS[1] lanes  KEYS[2] lane  KEYS[3] the lane's list  KEYS[4] d:<endpoint>
  KEYS[5] a:<endpoint>
  ARGV[1] now or ''  [2] owner  [3] lease ms, 0 = take no further one
  ARGV[4] event id, or '-' = the lane was claimed, nothing was taken
  ARGV[5] ms until the next attempt; -1 = dead; -3 = the endpoint is no more,
    the lane goes whole
  ARGV[6] ms to keep the dead  [7] how many of them  [8] '1' = the attempt does
    not count, or none was made
  ARGV[9] the attempt, from what it took on (inc/log.lua), or why it is given
    up without; '' = it is only given back
  ARGV[10] ms to keep that while the event waits, '' = it is not kept
  Returns {"LATER", now, failed attempts}, {"NEXT", now, item, failed
    attempts}, {"EMPTY", now} or {"LOST", now}.
  Guarantees: an event leaves unreceived only into d:<endpoint>, with its
  endpoint, or with its contact; who lost the lane changes nothing.
]]
--#include clock lanes log

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
    local dead, ms, past, record = delay == -1, format('%d', x.now), nil, nil
    if dead or (ARGV[9] ~= '' and ARGV[10] ~= '') then
        past = call('HGET', KEYS[5], ARGV[4])
        record = told(past, attempts, ms, ARGV[9])
    end
    if not dead then
        if record then
            call('HSET', KEYS[5], ARGV[4], sub(KEYS[3], -36) .. '\n' .. record)
            call('PEXPIRE', KEYS[5], ARGV[10])
        end
        attempts = tonumber(attempts) + (ARGV[8] == '1' and 0 or 1)
        leave(x, member, attempts, x.now + delay, customer)
        return { 'LATER', x.now, attempts }
    end
    if record then
        enter(x, KEYS[4], ms .. '\n' .. record, item, ARGV[7], ARGV[6],
              ARGV[6])
    end
    if past then
        call('HDEL', KEYS[5], ARGV[4])
    end
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

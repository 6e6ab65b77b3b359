#!lua flags=allow-oom
--[[
  An endpoint said 2xx: pops the event, gives the next.
  KEYS[1] lanes  KEYS[2] lane  KEYS[3] the lane's list  KEYS[4] e:<endpoint>
  KEYS[5] a:<endpoint>
  ARGV[1] now or ''  [2] owner  [3] lease ms, 0 = take no further one
  ARGV[4] event id  [5] the attempt, from what it took on (inc/log.lua); '' =
    it is not to be kept
  ARGV[6] how many events e: has at most
  ARGV[7] ms after which they go, none: it was given shortly before
  ARGV[8] ms after which the list goes: longer by what is shortly
  Returns {"NEXT", now, item, failed attempts}, {"LEFT", now} (free for all),
    {"EMPTY", now} or {"LOST", now} (another has the lane; the event is off it
    all the same, for it was received).
  Guarantees: pops only the head, and only if it is that event, into e:; only
  the owner of that attempt is given a next one.
]]
--#include clock lanes log

local x = { now = clock(ARGV[1]), owner = ARGV[2], lease = tonumber(ARGV[3]),
            lanes = KEYS[1], lane = KEYS[2] }
local member = match(KEYS[3], '}:(.+)$')
local owner, attempts, flight, doom, customer = state(x, member)
if not owner then
    return { 'EMPTY', x.now }
end
local items = call('LRANGE', KEYS[3], 0, 1)
local popped = match(items[1], '^%S+') == ARGV[4]
local item, failed, answer = items[1], attempts, nil
if popped then
    item, attempts = items[2], 0
end
if not item then
    idle(x, member)
    answer = { 'EMPTY', x.now }
elseif owner ~= x.owner or flight ~= ARGV[4] then
    if popped then
        keep(x, member, owner, 0, flight, doom, customer)
    end
    answer = { 'LOST', x.now }
elseif x.lease == 0 then
    leave(x, member, attempts, x.now, customer)
    answer = { 'LEFT', x.now }
else
    grant(x, member, match(item, '^%S+'), attempts, customer)
    answer = { 'NEXT', x.now, item, tonumber(attempts) }
end
if popped and ARGV[5] ~= '' then
    local past, ms = call('HGET', KEYS[5], ARGV[4]), format('%d', x.now)
    local record = told(past, failed, ms, ARGV[5])
    if record then
        enter(x, KEYS[4], ms .. '\n' .. record, items[1], ARGV[6], ARGV[7],
              ARGV[8])
    end
    if past then
        call('HDEL', KEYS[5], ARGV[4])
    end
end
if popped then
    call('LPOP', KEYS[3])
end
return answer

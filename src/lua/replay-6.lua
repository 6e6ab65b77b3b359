#!lua
--[[
  An event is to be sent once more.
  KEYS[1] lanes  KEYS[2] lane  KEYS[3] the lane's list  KEYS[4] e:<endpoint>
  KEYS[5] d:<endpoint>  KEYS[6] a:<endpoint>
  ARGV[1] now or ''  [2] owner  [3] lease ms, 0 = take none  [4] customer
  ARGV[5] event id   [6] ms to keep its attempts, or '' = they are not kept
  ARGV[7] ms for which the caller does not want the lane
  ARGV[8] '1' = sandbox: nothing is written
  Returns {what, now, leased, {}}; what: SENT (it is at the end of its lane),
    or, where it is not among those that ended, WAITS (on the lane) or NONE.
  Guarantees: it leaves the one place for the other in one step; one that waits
  is not doubled, but if it is the next, it is due now.
]]
--#include clock lanes push log logged

local x = { now = clock(ARGV[1]), owner = ARGV[2], lease = tonumber(ARGV[3]),
            customer = ARGV[4], lanes = KEYS[1], lane = KEYS[2], leased = {} }
local id, member = ARGV[5], match(KEYS[3], '}:(.+)$')
x.tag = #KEYS[3] - #member + 1
for _, key in ipairs({ KEYS[4], KEYS[5] }) do
    local place, record, item = locate(key, id)
    if place then
        if ARGV[8] ~= '1' then
            local past = before(sub(KEYS[3], -36), record)
            if past and ARGV[6] ~= '' then
                call('HSET', KEYS[6], id, past)
                call('PEXPIRE', KEYS[6], ARGV[6])
            end
            push(x, KEYS[3], { item }, tonumber(ARGV[7]))
            settle(x)
            remove(key, place, 1)
        end
        return { 'SENT', x.now, x.leased, {} }
    end
end
local waits, first = false, nil
for i, item in ipairs(call('LRANGE', KEYS[3], 0, -1)) do
    if match(item, '^%S+') == id then
        waits, first = true, i == 1
    end
end
if first and ARGV[8] ~= '1' and state(x, member) == '-' then
    call('ZADD', x.lanes, x.now, member)
end
return { waits and 'WAITS' or 'NONE', x.now, {}, {} }

#!lua flags=allow-oom
--[[
  A carrier took a message: SENT; gives the next that may still leave.
  KEYS[1..12] the pair's  KEYS[13] the lane's list
  KEYS[14]    cid:<channel>:<the carrier's message id>, or cid:- for none
  KEYS[15..]  endpoints' lanes
  ARGV[1..6]  the pair's  ARGV[7] message
  ARGV[8]     ms to remember the carrier's id, 0 = none
  ARGV[9..]   masks
  Returns as carrier_take; LOST: the lane is in other hands, the message is off
    it all the same, for the carrier has it.
  Guarantees: pops only the head, and only if it is that message; only the
  owner of that attempt is given a next one; statuses that came before the
  carrier's id was known take effect now.
]]
--#include clock lanes items templates push pair events status carrier

local member, channel = match(KEYS[13], '}:(q:(%a+):.+)$')
local x = pair(14, 8, { 'HMGET', KEYS[5], 'out', 'n', 'mb', 'c', 'ag', 'bu',
                       'tp:' .. channel })
local early
if ARGV[8] ~= '0' then
    early = call('SET', KEYS[14], ARGV[7], 'GET', 'PX', ARGV[8])
end
local owner, attempts, flight, doom, customer = state(x, member)
if not owner then
    return { 'EMPTY', x.now, {}, {} }
end
local mine = owner == x.owner and flight == ARGV[7]
local items = call('LRANGE', KEYS[13], 0, 99)
local msg = carried(items[1], channel)
local from = 1
if msg[1] == ARGV[7] then
    from, attempts, doom = 2, 0, '-'
    mark(x, 'SENT', msg)
    if early and sub(early, 1, 1) == '?' then
        for status, error in string.gmatch(early, '([A-Z]+) %d+ ([^\n]+)') do
            mark(x, status, msg, error, match(error, '"code":"([^"]*)"'))
        end
    end
end
if not mine and items[from] then
    save(x)
    if from == 2 then
        keep(x, member, owner, attempts, flight, doom, customer)
        call('LPOP', KEYS[13])
    end
    return { 'LOST', x.now, x.leased, x.told }
end
return proceed(x, member, items, from, channel, attempts, flight, doom,
               customer)

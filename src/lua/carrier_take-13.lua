#!lua flags=allow-oom
--[[
  The head of a claimed carrier's lane, for one attempt.
  KEYS[1..12] the pair's  KEYS[13] the lane's list  KEYS[14..] endpoints' lanes
  ARGV[1..6]  the pair's  ARGV[7..] masks
  Returns {"NEXT", now, item, failed attempts, died, leased, told}, {"EMPTY",
    now, leased, told}, {"LEFT", now, leased, told} (free for all) or {"LOST",
    now, leased, told}; died '1': an attempt at it was granted before, of which
    nothing is known.
  Guarantees: no attempt is granted after an opt-out, nor a second one after
  the message's deadline; a message that an opt-out found in the hands of a
  deliverer that has since died ends here.
]]
--#include clock lanes items templates push pair events status carrier

local member, channel = match(KEYS[13], '}:(q:(%a+):.+)$')
local x = pair(13, 6, { 'HMGET', KEYS[5], 'out', 'n', 'mb', 'c', 'ag', 'bu',
                       'tp:' .. channel })
local owner, attempts, flight, doom, customer = state(x, member)
if owner ~= x.owner then
    return { 'LOST', x.now, {}, {} }
end
local items = call('LRANGE', KEYS[13], 0, 99)
return proceed(x, member, items, 1, channel, attempts, flight, doom, customer)

#!lua flags=allow-oom
--[[
  A carrier did not take a message.
  KEYS[1..12] the pair's  KEYS[13] the lane's list  KEYS[14..] endpoints' lanes
  ARGV[1..6]  the pair's
  ARGV[7]     message, or '-' = the lane was claimed, nothing was taken
  ARGV[8]     ms until the next attempt; -1 = FAILED
  ARGV[9]     error {code,title} as JSON      ARGV[10] '1' = no attempt made
  ARGV[11..]  masks
  Returns {"LATER", now, failed attempts, leased, told}, {"NEXT", now, item,
    failed attempts, died, leased, told}, {"LEFT", now, leased, told},
    {"EMPTY", now, leased, told} or {"LOST", now, leased, told}.
  Guarantees: a message gets one attempt at least; none is planned past its
  deadline, nor on a message that an opt-out found under way: it ends here, but
  where a report has told meanwhile what became of it; who lost the lane
  changes nothing.
]]
--#include clock lanes items templates push pair events status carrier

local member, channel = match(KEYS[13], '}:(q:(%a+):.+)$')
local x = pair(13, 10, { 'HMGET', KEYS[5], 'out', 'n', 'mb', 'c', 'ag', 'bu',
                       'tp:' .. channel })
local owner, attempts, flight, doom, customer = state(x, member)
local id, delay, made = ARGV[7], tonumber(ARGV[8]), ARGV[10] ~= '1'
if owner ~= x.owner or (id ~= '-' and id ~= flight) then
    return { 'LOST', x.now, {}, {} }
end
attempts = tonumber(attempts)
if id == '-' then
    call('ZADD', x.lanes, x.now + delay, member)
    keep(x, member, '-', attempts, flight, doom, customer)
    return { 'LATER', x.now, attempts, {}, {} }
end
local items = call('LRANGE', KEYS[13], 0, 99)
local msg, ends = carried(items[1], channel)
local from = 1
if msg[1] == id then
    local settled = call('HGET', KEYS[7], id)
    if not settled and delay >= 0 and doom == '-'
       and (not made or x.now < ends)
    then
        if made then
            attempts = attempts + 1
            delay = math.min(delay, ends - x.now)
        end
        leave(x, member, attempts, x.now + delay, customer)
        return { 'LATER', x.now, attempts, {}, {} }
    end
    if not settled and doom ~= '-' then
        mark(x, doom, msg)
    elseif not settled then
        local error = ARGV[9] ~= 'null' and ARGV[9] or expired
        mark(x, 'FAILED', msg, error, match(error, '"code":"([^"]*)"'))
    end
    from, attempts, flight, doom = 2, 0, '-', '-'
end
return proceed(x, member, items, from, channel, attempts, flight, doom,
               customer)

#!lua flags=allow-oom
--[[
  What became of attempts at a webhook: how it fares, and whether it is
  switched off for that.
  KEYS[1] the customer's webhooks  [2] how they fare
  ARGV[1] now or ''  [2] id
  ARGV[3] GOOD, BAD, DEAD (events were given up) or GONE (it wants no more)
  ARGV[4] how many events, of DEAD
  ARGV[5] events given up in a row, 0 = any number, and
  ARGV[6] ms since the first failure in a row, with which it is switched off
  Returns {what, now}; what: OK, NONE (there is no such webhook) or OFF (it has
    just been switched off), and then why.
  Guarantees: what is counted, decided and written is one step, and switches a
  webhook off once; of one that is gone nothing is written.
  The record is text as the caller writes it: its last member is is_active,
  and behind disabled_reason stands created_at.
]]
--#include clock

local now, id, what = clock(ARGV[1]), ARGV[2], ARGV[3]
local ms, record = format('%d', now), call('HGET', KEYS[1], ARGV[2])
if not record then
    return { 'NONE', now }
end

if what == 'GOOD' then
    call('HSET', KEYS[2], id .. ':attempt', ms, id .. ':success', ms)
    call('HDEL', KEYS[2], id .. ':failures', id .. ':since')
    return { 'OK', now }
end
call('HSET', KEYS[2], id .. ':attempt', ms)
call('HSETNX', KEYS[2], id .. ':since', ms)

local why
if what == 'GONE' then
    why = 'The endpoint answered 410 Gone.'
elseif what == 'DEAD' then
    local failures = call('HINCRBY', KEYS[2], id .. ':failures', ARGV[4])
    call('HINCRBY', KEYS[2], id .. ':dead', ARGV[4])
    local took = now - call('HGET', KEYS[2], id .. ':since')
    local most = tonumber(ARGV[5])
    if most > 0 and failures >= most and took >= tonumber(ARGV[6]) then
        local n, unit = floor(took / 60000), 'minutes'
        if n < 2 then
            n, unit = floor(took / 1000), 'seconds'
        end
        why = format('%d events in a row were given up, and none was '
                     .. 'delivered for %d %s.', failures, n, unit)
    end
end
if not why then
    return { 'OK', now }
end

local off, n = string.gsub(record, '"is_active":true}$', '"is_active":false}')
if n == 0 then
    return { 'OK', now }
end
off = string.gsub(off, '"disabled_reason":[^,]*,"created_at":',
                  '"disabled_reason":"' .. why .. '","created_at":')
off = string.gsub(off, '"updated_at":(%d+)', function(was)
    return '"updated_at":' .. format('%d', math.max(now, was + 1))
end)
call('HSET', KEYS[1], id, off)
return { 'OFF', now, why }

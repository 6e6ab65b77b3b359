#!lua flags=allow-oom
--[[
  Ends the pair's window if its deadline has passed: for the sweep.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13..]   the lane of each active endpoint of the customer
  ARGV[1..6]   the pair's   ARGV[7..]  masks

  Returns {what, now, deadline still to come or 0, leased, told}; what: ENDED,
    EARLY, GONE (there is none)
  Guarantees: exactly one caller ends a window; never before its deadline.
]]
--#include clock items push pair events window

local x = pair(12, 6)
local t, member = x.t, 'w:' .. x.customer .. ':' .. x.thread
if not t.c then
    call('ZREM', KEYS[3], member)
    return { 'GONE', x.now, 0, {}, {} }
end
lapse(x)
if t.c then
    call('ZADD', KEYS[3], t.e, member)
    return { 'EARLY', x.now, tonumber(t.e), {}, {} }
end
save(x)
return { 'ENDED', x.now, 0, x.leased, x.told }

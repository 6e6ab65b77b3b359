#!lua flags=allow-oom
--[[
  A burst is over: what an agent that coalesces held back leaves.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13..]   the lane of each active endpoint of the customer, hold:<thread>
  ARGV[1..6]   the pair's   ARGV[7..]  masks

  Returns {what, now, leased, told}; what: OUT, EARLY, GONE (nothing is held)
  Guarantees: in order; at most three times the quiet time after the first.
]]
--#include clock push pair

local x = pair(12, 6)
local member = 'h:' .. x.customer .. ':' .. x.thread
local till = tonumber(match(x.t.bu or '', ' (%d+)$'))
if not till then
    call('ZREM', KEYS[3], member)
    return { 'GONE', x.now, {}, {} }
end
if till > x.now then
    call('ZADD', KEYS[3], format('%d', till), member)
    return { 'EARLY', x.now, {}, {} }
end
release(x)
save(x)
return { 'OUT', x.now, x.leased, x.told }

#!lua
--[[
  Tells that a conversation is about to expire, as its agent wants it.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13..]   the lane of each active endpoint of the customer
  ARGV[1..6]   the pair's   ARGV[7..]  masks

  Returns {what, now, leased, told}; what: TOLD, EARLY, GONE (there is none, or
    it was told)
  Guarantees: told once, before the end or not at all.
]]
--#include clock items push pair events window

local x = pair(12, 6)
local t, now = x.t, x.now
local member = 'x:' .. x.customer .. ':' .. x.thread
if not call('ZSCORE', KEYS[3], member) then
    return { 'GONE', now, {}, {} }
end
local before = tonumber(match(t.as or '', '^%S+ %d+ (%d+)') or 0)
if not t.c or before == 0 or tonumber(t.e) <= now then
    call('ZREM', KEYS[3], member)
    return { 'GONE', now, {}, {} }
end
if t.e - before > now then
    call('ZADD', KEYS[3], format('%d', t.e - before), member)
    return { 'EARLY', now, {}, {} }
end

unset(x, 'x')
local channel, number = current(t)
tell(x, 16, 'expiring', nil, channel, number,
     '"expires_at":"' .. stamp(t.e) .. '"')
set(x, 'sq', t.sq)
save(x)
return { 'TOLD', now, x.leased, x.told }

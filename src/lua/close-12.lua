#!lua flags=allow-oom
--[[
  Ends a conversation because a client says so.

  KEYS[1..12]  the pair's (inc/pair.lua); the caller has read the thread from
               i:<conversation>, which never changes
  KEYS[13..]   the lane of each active endpoint of the customer
  ARGV[1..6]   the pair's   ARGV[7]  conversation
  ARGV[8]      '1' = sandbox: nothing is written          ARGV[9..]  masks

  Returns {what, now, reason, closed_at, leased, told}; what: ENDED, ALREADY
    (by its first ending), NONE (unknown, or another customer's)
  Guarantees: idempotent; a window whose deadline has passed ends EXPIRED; what
  was accepted before still goes out.
]]
--#include clock items push pair events window

local x = pair(12, 8)
local t, conv = x.t, ARGV[7]
if t.cu ~= x.customer then
    return { 'NONE', x.now, '', 0, {}, {} }
end
if t.c == conv then
    local reason, at = 'EXPLICIT', x.ms
    if tonumber(t.e) <= x.now then
        reason, at = 'EXPIRED', t.e
    end
    if ARGV[8] ~= '1' then
        finish(x, reason, at)
        save(x)
    end
    return { 'ENDED', x.now, reason, tonumber(at), x.leased, x.told }
end
local closed, reason = match(call('HGET', KEYS[7], conv) or '',
                             '^%S+ %d+ %d+ (%d+) (%S+)')
if not closed then
    return { 'NONE', x.now, '', 0, {}, {} }
end
return { 'ALREADY', x.now, reason, tonumber(closed), {}, {} }

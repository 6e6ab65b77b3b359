#!lua
--[[
  An agent's ping: the contact has not answered our message for so long.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13]     i:<message>
  KEYS[14..]   the lane of each active endpoint of the customer
  ARGV[1..6]   the pair's
  ARGV[7]      the conversation whose agent the caller read, or '-'
  ARGV[8]      message id        ARGV[9]  its text, a JSON string, or '' = the
               event alone                               ARGV[10..]  masks

  Returns {what, now, leased, told}; what: SENT, EARLY, GONE (nothing waits for
    an answer), OTHER (another conversation is open by now)
  Guarantees: once per silence, whoever calls how often; never after an
  inbound, nor the end, nor at the deadline; at most as often as the version
  says that opened the conversation.
]]
--#include clock items push pair events window

local x = pair(13, 9)
local t, now = x.t, x.now
local member = 'p:' .. x.customer .. ':' .. x.thread
local after, most = match(t.as or '', '(%d+) (%d+)$')
if not call('ZSCORE', KEYS[3], member) then
    return { 'GONE', now, {}, {} }
end
local pings = tonumber(t.pn or 0)
if not t.c or not t.lo or not after or pings >= tonumber(most)
   or t.lo + after >= tonumber(t.e) or tonumber(t.e) <= now
then
    call('ZREM', KEYS[3], member)
    return { 'GONE', now, {}, {} }
end
if t.lo + after > now then
    call('ZADD', KEYS[3], format('%d', t.lo + after), member)
    return { 'EARLY', now, {}, {} }
end
if t.c ~= ARGV[7] then
    return { 'OTHER', now, {}, {} }
end

unset(x, 'p')
set(x, 'pn', format('%d', pings + 1))
local channel, number = current(t)
tell(x, 8, 'inactive', nil, channel, number,
     '"idle_seconds":' .. format('%d', (now - t.lo) / 1000))
set(x, 'sq', t.sq)
if ARGV[9] ~= '' and t.cs ~= '' then
    outbound(x, ARGV[8], KEYS[13], t.c, channel, number, 'ping', 'F', t.e,
             ARGV[9])
end
save(x)
return { 'SENT', now, x.leased, x.told }

#!lua flags=allow-oom
--[[
  What a carrier reports of a message.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13]     i:<message>
  KEYS[14..]   the lane of each active endpoint of the customer
  ARGV[1..6]   the pair's
  ARGV[7]      message id   ARGV[8]  SENT, DELIVERED, READ, FAILED or AGAIN
               (failed by what will pass: no end of what waits to be repeated)
  ARGV[9]      error {code,title} as JSON, or null
  ARGV[10]     our number that the report is of, or ''    ARGV[11..]  masks

  Returns {what, now, woken, leased, told}; what: OK, OLD (not forward), NONE
    (no such message, or not from that number); woken '1': the message was
    thought to wait for another attempt, its lane is due now
  Guarantees: a status never runs backwards, and each is told once; what
  retention took does not come back.
]]
--#include clock lanes items templates push pair events status

local x = pair(13, 10, { 'HMGET', KEYS[5], 'cu', 'n', 'mb', 'c', 'ag', 'bu',
                       'tp:whatsapp', 'tp:sms', 'tp:rcs' })
local position = match(call('GET', KEYS[13]) or '', ' (%d+)$')
local entry = position
    and call('LINDEX', KEYS[6], position - (x.t.mb or 0)) or ''
local id, conv, channel, number, kind, text = match(
    entry, '^%d+ O (%S+) (%S+) (%S+) (%S+) (%S+) %d+ (.*)$')
if id ~= ARGV[7] or x.t.cu ~= x.customer
   or (ARGV[10] ~= '' and ARGV[10] ~= number)
then
    return { 'NONE', x.now, '', {}, {} }
end
local msg = { id, conv, channel, number, x.t.n, text,
              sub(kind, 1, 9) == 'template/' and template_of(kind) or nil }
local key = KEYS[channel == 'sms' and 9 or channel == 'rcs' and 10 or 8]
local member = sub(key, x.tag)

local function waits()
    return sub(call('LINDEX', key, 0) or '', 1, #id) == id
        and state(x, member) == '-'
end

if ARGV[8] == 'AGAIN' and waits() and not call('HGET', KEYS[7], id) then
    return { 'OLD', x.now, '', {}, {} }
end
local moved = mark(x, ARGV[8], msg, ARGV[9],
                   ARGV[9] ~= 'null' and match(ARGV[9], '"code":"([^"]*)"')
                   or nil)
local woken = ''
if moved and waits() then
    call('ZADD', x.lanes, x.now, member)
    woken = '1'
end
save(x)
return { moved and 'OK' or 'OLD', x.now, woken, x.leased, x.told }

#!lua
--[[
  A freeform message into the open window.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13]     i:<message>
  KEYS[14..]   the lane of each active endpoint of the customer

  ARGV[1..6]   the pair's
  ARGV[7]      channel or '' = that of the contact's last message
  ARGV[8]      message id        ARGV[9]   its text, a JSON string
  ARGV[10]     its length in characters
  ARGV[11]     '1' = sandbox: every check, nothing written
  ARGV[12]     '1' = the same id may have been accepted before
  ARGV[13..]   masks

  Returns {what, now, message id, conversation, channel, deadline, leased,
    told}; what: OK (a repeat, too), NO_WINDOW, OPTED_OUT, NO_CHANNEL, TOO_LONG
  Guarantees: accepted only before the stored deadline, with the stored
  consent; counted, in the transcript, told and on its carrier's lane in one
  step; the same id never twice.
]]
--#include clock items push

local now, msg, channel, text = clock(ARGV[1]), ARGV[8], ARGV[7], ARGV[9]
local customer, thread, dry = ARGV[5], sub(KEYS[5], -36), ARGV[11] == '1'
local t = call('HMGET', KEYS[5], 'c', 'e', 'cs', 'out', 'no', 'sq', 'mb', 'ci',
               'n', 'n:whatsapp', 'n:sms', 'n:rcs', 'ag')
local conv, ends, channels, contact = t[1], t[2], t[3], t[9]

if ARGV[12] == '1' then
    local place = match(call('GET', KEYS[13]) or '', ' (%d+)$')
    local id, first, via, till = match(
        place and call('LINDEX', KEYS[6], place - (t[7] or 0)) or '',
        '^%d+ O (%S+) (%S+) (%S+) %S+ %S+ (%d+)')
    if id == msg then
        return { 'OK', now, msg, first, via, tonumber(till), {}, {} }
    end
end

local open, what = conv and tonumber(ends) > now, 'OK'
if t[4] then
    what = 'OPTED_OUT'
elseif not open then
    what = 'NO_WINDOW'
else
    if channel == '' then
        channel = match(channels, '^[^,]+') or ''
    end
    local longest = channel == 'sms' and 1600 or channel == 'rcs' and 3072
                    or 4096
    if channel == ''
       or not find(',' .. channels .. ',', ',' .. channel .. ',', 1, true)
    then
        what = 'NO_CHANNEL'
    elseif tonumber(ARGV[10]) > longest then
        what = 'TOO_LONG'
    end
end

if what ~= 'OK' then
    if conv and not open and not dry then
--#include pair events window
        local x = pair(13, 12)
        lapse(x)
        save(x)
        return { what, now, msg, '', channel, 0, x.leased, x.told }
    end
    return { what, now, msg, '', channel, 0, {}, {} }
end
if dry then
    return { 'OK', now, msg, conv, channel, tonumber(ends), {}, {} }
end

local ms, at = format('%d', now), stamp(now)
local number = channel == 'sms' and t[11] or channel == 'rcs' and t[12]
               or t[10]
local lane = channel == 'sms' and 9 or channel == 'rcs' and 10 or 8
local x = {
    now = now, lease = tonumber(ARGV[3]), owner = ARGV[2], customer = customer,
    lanes = KEYS[1], lane = KEYS[2], leased = {}, tag = #KEYS[5] - 37,
}

local agent, form, whose = t[13], freeform, nobody
local how, heard, pings, burst
if agent then
--#include whose
    form, whose = freeform_of(agent), agent_of(agent)
    how, heard, pings, burst = unpack(call('HMGET', KEYS[5], 'as', 'ah', 'pn',
                                           'bu'))
end

local n = call('RPUSH', KEYS[6], ms .. ' O ' .. msg .. ' ' .. conv .. ' '
               .. channel .. ' ' .. number .. ' text ' .. ends .. ' ' .. text)
call('SET', KEYS[13], thread .. ' ' .. format('%d', (t[7] or 0) + n - 1), 'PX',
     ARGV[4])
push(x, KEYS[lane], { msg .. ' ' .. ends .. trace .. ' F ' .. conv .. ' '
                      .. number .. ' ' .. contact .. ' ' .. text }, 0)

local seq, event = format('%d', t[6] + 1), 'evt_' .. sub(ARGV[6], 1, 32)
local queued, told
for i = 14, #KEYS - 2 do
    local mask, items = tonumber(ARGV[i - 1]), {}
    if bit.band(mask, 0x40) ~= 0 then
        queued = queued or message_item(
            event .. '0001', at, customer, thread, 'queued', 'QUEUED', msg,
            conv, channel, number, contact, text, form, 'null')
        items[1] = queued
    end
    if bit.band(mask, 2) ~= 0
       and (not heard or find(heard, sub(KEYS[i], -73, -38), 1, true))
    then
        told = told or conversation_item(
            event .. '0002', at, customer, thread, 'message_exchanged', conv,
            t[8], contact, channel, number, seq, whose,
            exchange(msg, 'OUTBOUND', text, 'QUEUED', at))
        items[#items + 1] = told
    end
    if items[1] and burst then
        for k, item in ipairs(items) do
            items[k] = sub(KEYS[i], x.tag) .. '\n' .. item
        end
        call('RPUSH', KEYS[#KEYS], unpack(items))
    elseif items[1] then
        push(x, KEYS[i], items, floor(mask / 65536))
    end
end
settle(x)

call('HSET', KEYS[5], 'no', format('%d', t[5] + 1), 'lo', ms, 'sq', seq)
call('ZADD', KEYS[11], ms, conv)
if agent then
    local own, after, most = match(how, '(%d+) (%d+) (%d+)$')
    if tonumber(pings or 0) < tonumber(most) and now + after < tonumber(ends)
    then
        call('ZADD', KEYS[3], format('%d', now + after),
             'p:' .. customer .. ':' .. thread)
    end
    x.counts, x.t, x.keep = { 2, own, now }, { c = conv }, ARGV[4]
--#include stats
end
return { 'OK', now, msg, conv, channel, tonumber(ends), x.leased,
         { channel .. ' QUEUED', 1 } }

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

  Returns {what, now, message id, conversation, channel, deadline, leased};
    what: OK (a repeat, too), NO_WINDOW, OPTED_OUT, NO_CHANNEL, TOO_LONG
  Guarantees: accepted only before the stored deadline, with the stored
  consent; counted, in the transcript, told and on its carrier's lane in one
  step; the same id never twice.
]]
--#include clock lanes pair

local LONGEST = { whatsapp = 4096, sms = 1600, rcs = 3072 }

local x = pair(13, 12)
local t, msg, channel = x.t, ARGV[8], ARGV[7]

if ARGV[12] == '1' then
    local position = match(call('GET', KEYS[13]) or '', ' (%d+)$')
    if position then
        local id, conv, via, ends = match(
            call('LINDEX', KEYS[6], position - (t.mb or 0)) or '',
            '^%d+ O (%S+) (%S+) (%S+) %S+ %S+ (%d+)')
        if id == msg then
            return { 'OK', x.now, msg, conv, via, tonumber(ends), {} }
        end
    end
end

local dry = ARGV[11] == '1'
if not dry then
    lapse(x)
end

local what = 'OK'
if t.out then
    what = 'OPTED_OUT'
elseif not t.c or tonumber(t.e) <= x.now then
    what = 'NO_WINDOW'
else
    if channel == '' then
        channel = match(t.cs, '^[^,]+')
    end
    if not find(',' .. t.cs .. ',', ',' .. channel .. ',', 1, true) then
        what = 'NO_CHANNEL'
    elseif tonumber(ARGV[10]) > LONGEST[channel] then
        what = 'TOO_LONG'
    end
end

if what ~= 'OK' then
    if x.ended then
        save(x)
    end
    return { what, x.now, msg, '', channel, 0, x.leased }
end

local conv, ends = t.c, tonumber(t.e)
if not dry then
    outbound(x, msg, KEYS[13], conv, channel, t['n:' .. channel], 'text', 'F',
             ends, ARGV[9])
    save(x)
end
return { 'OK', x.now, msg, conv, channel, ends, x.leased }

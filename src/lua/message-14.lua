#!lua
--[[
  A message that the business begins with: a template, or freeform where no
  window is open.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13]     i:<message>
  KEYS[14]     ct:<customer>
  KEYS[15..]   the lane of each active endpoint of the customer

  ARGV[1..6]   the pair's
  ARGV[7]      contact, E.164    ARGV[8]   contact_id     ARGV[9]  our number
  ARGV[10]     channel           ARGV[11]  message id
  ARGV[12]     its text, a JSON string or null (the carrier alone knows it)
  ARGV[13]     kind: text, or template/<id>/<name>
  ARGV[14]     kind on the carrier's lane: T/<id>/<name>/<payload>; '' =
               freeform
  ARGV[15]     '1' = sandbox: nothing is written
  ARGV[16]     '1' = the same id may have been accepted before
  ARGV[17]     ms that it may wait for its carrier        ARGV[18..] masks

  Returns {what, now, message id, channel, leased, told}; what: QUEUED (a
    repeat, too), FILTERED (the contact has opted out), BLOCKED (freeform
    without a window), OPEN (freeform, and a window is open: nothing was done)
  Guarantees: checked against the stored consent in the step that puts it on
  its carrier's lane; the same id never twice; what is filtered or blocked
  never reaches a lane.
]]
--#include clock lanes items templates push pair events window status

local x = pair(14, 17)
local t, now, number = x.t, x.now, ARGV[9]
local channel, msg, text, kind, word = ARGV[10], ARGV[11], ARGV[12], ARGV[13],
                                       ARGV[14]
if ARGV[16] == '1' then
    local place = match(call('GET', KEYS[13]) or '', ' (%d+)$')
    local id, via = match(
        place and call('LINDEX', KEYS[6], place - (t.mb or 0)) or '',
        '^%d+ O (%S+) %S+ (%S+)')
    if id == msg then
        return { 'QUEUED', now, msg, via, {}, {} }
    end
end

local what = 'QUEUED'
if t.out then
    what = 'FILTERED'
elseif word == '' then
    what = t.c and tonumber(t.e) > now and 'OPEN' or 'BLOCKED'
end
if what == 'OPEN' or ARGV[15] == '1' then
    return { what, now, msg, channel, {}, {} }
end

lapse(x)
if not meet(x, ARGV[7], ARGV[8], KEYS[14]) then
    trim(x)
end
if not t['n:' .. channel] then
    set(x, 'n:' .. channel, number)
end

local ends = what == 'QUEUED' and format('%d', now + ARGV[17]) or '0'
local template = word ~= '' and template_of(kind) or nil
local place = write(x, x.ms, 'O', msg, KEYS[13], '-', channel, number, kind,
                    ends, text)
call('PEXPIRE', KEYS[6], x.keep)
tally(x, channel .. ' QUEUED')
report(x, 0x40, 'queued', 'QUEUED', msg, '-', channel, number, t.n, text,
       template)
if what == 'QUEUED' then
    set(x, 'tp:' .. channel, msg .. ' ' .. x.ms .. ' ' .. place)
    x.out[KEYS[channel == 'sms' and 9 or channel == 'rcs' and 10 or 8]] = {
        msg .. ' ' .. ends .. trace .. ' ' .. word .. ' - ' .. number .. ' '
        .. t.n .. ' ' .. text,
    }
else
    mark(x, what, { msg, '-', channel, number, t.n, text, template })
end
save(x)
return { what, now, msg, channel, x.leased, x.told }

#!lua flags=allow-oom
--[[
  An opt-out or opt-in without a message, by the business or by a carrier; and
  what else of a contact can be changed.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13]     ct:<customer>
  KEYS[14]     h:<thread>
  KEYS[15..]   the lane of each active endpoint of the customer

  ARGV[1..6]   the pair's
  ARGV[7]      contact, E.164; '' = only where it is known; '-' = what it is
               another number of has said so: it does not become a contact
  ARGV[8]      contact_id
  ARGV[9]      OPT_OUT, OPT_IN, or '' = as it is
  ARGV[10]     source: api, carrier
  ARGV[11]     when it was said, ms, or '' = now
  ARGV[12]     channel or '-'    ARGV[13]  id of the API key or '-'
  ARGV[14]     new default channel or ''
  ARGV[15]     '1' = sandbox: nothing is written          ARGV[16..] masks

  Returns {what, now, the contact's other numbers with spaces between, its own
    or '', leased, told}; what: OK, OLD (nothing to change), NONE (no such
    contact)
  Guarantees: an opt-out, the end of the window and of all that waits for a
  carrier are one step; an opt-in said before the recorded opt-out changes
  nothing, and opens nothing.
]]
--#include clock lanes items templates push pair events window status
--#include consent cancel

local x = pair(14, 15)
local t, change, dry = x.t, ARGV[9], ARGV[15] == '1'
local at = ARGV[11] ~= '' and math.max(1, math.min(tonumber(ARGV[11]), x.now))
    or x.now
if not t.n and ARGV[7] == '' then
    return { 'NONE', x.now, '', '', {}, {} }
end

local moved = change == 'OPT_OUT' and (not t.out or at > tonumber(t.out))
    or change == 'OPT_IN' and t.out and at > tonumber(t.out)
    or ARGV[14] ~= '' and t.ch ~= ARGV[14]
if dry then
    return { moved and 'OK' or 'OLD', x.now, '', '', {}, {} }
end

lapse(x)
if ARGV[7] ~= '-' then
    meet(x, ARGV[7], ARGV[8], KEYS[13])
elseif not t.cu then
    set(x, 'cu', x.customer)
end
local written, todo = format('%d', at), nil
if change == 'OPT_OUT' then
    opt_out(x, KEYS[14], written, ARGV[10], ARGV[12], '-', ARGV[13])
    send(x)
    todo = cancel(x)
elseif change == 'OPT_IN' then
    opt_in(x, KEYS[14], written, ARGV[10], ARGV[12], '-', ARGV[13])
end
if ARGV[14] ~= '' and t.ch ~= ARGV[14] then
    set(x, 'ch', ARGV[14])
    set(x, 'up', x.ms)
end
save(x)
if todo then
    purge(x, todo)
end
return { moved and 'OK' or 'OLD', x.now, t.wa or '', t.n or '', x.leased,
         x.told }

#!lua
--[[
  An inbound message: opens a window or continues the open one; the keywords
  (the caller has recognized them) take effect in the same step.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13]     once:<carrier>:<the carrier's message id>
  KEYS[14]     i:<message>, and of the conversation that it opens, whose id
               differs in the last digit only
  KEYS[15]     i:<reply>                     used only when a text is sent back
  KEYS[16]     ct:<customer>
  KEYS[17]     h:<thread>                    used only when consent changes
  KEYS[18]     i:<message replied to>, or i:- for none
  KEYS[19]     i:<greeting>                  used only when one is sent
  KEYS[20..]   the lane of each active endpoint of the customer

  ARGV[1..6]   the pair's
  ARGV[7]      contact, E.164    ARGV[8]   contact_id     ARGV[9]  our number
  ARGV[10]     channel           ARGV[11]  when the contact wrote, ms, or ''
  ARGV[12]     message id        ARGV[13]  its text, a JSON string or null
  ARGV[14]     keyword: '', stop, start or help
  ARGV[15]     new conversation id           ARGV[16]  window, ms
  ARGV[17]     ms to remember the carrier's id
  ARGV[18]     '1' = conversations are enabled for the customer
  ARGV[19]     the contact's name or ''
  ARGV[20]     what to answer: the confirmation for stop, the help text for
               help; a JSON string or ''     ARGV[21]  its message id
  ARGV[22]     kind of the message, one word
  ARGV[23]     who has seen the keyword: 'keyword' (we) or 'carrier'
  ARGV[24]     the message replied to, or '-'
  ARGV[25]     the agent that takes it where nothing prompted it, or ''
  ARGV[26]     that takes it where it replies to a template that was sent for
               none; '=': the same
  ARGV[27]     what was asked before (ASK) and is answered now, in ARGV[26] or
               ARGV[20]; '' = nothing, '-' = nothing is to be asked
  ARGV[28]     id of the greeting                          ARGV[29..] masks

  An agent: "<id> <version>", "<channels> <coalesce> <expiring> <ping> <pings
  at most>" (times in ms), ids of the endpoints that hear of it or '' = all,
  its greeting as a JSON string or ''; one a line. The pair keeps the second
  as "as", with the agent's number (inc/stats.lua) before <ping>.

  Returns {what, now, message id, conversation or '', deadline or 0,
    the contact's other numbers with spaces between, leased, told}
    what: OPENED, CONTINUED, STOPPED, REPORTED (kept and told, no window), DUP
    (taken before, as that message, '' = which is kept no more), or ASK, with
    an agent and '' or a version in the places of message id and conversation:
    nothing was done, the caller is to come again, with that agent in ARGV[26],
    '' = it takes nothing, or with that version's confirmation in ARGV[20];
    leased: lane, item, lane, item...
  Guarantees: once per carrier id; at most one open window; a lapsed window is
  ended before the next opens; nothing extends a deadline; an opt-out, the end
  of the window and of all that waits for a carrier are one step; an opt-in
  written before the recorded opt-out changes nothing; a text that is too long
  for an event is kept, and the event says so.
  A window is opened by the reply to a template where the message names one, or
  is the first on its channel since one was sent there in the last 7 days.
]]
--#include clock items push pair events window

local seen = call('GET', KEYS[13])          -- its place in the transcript
if seen then
    local t = call('HMGET', KEYS[5], 'mb', 'wa')
    local n = seen - (t[1] or 0)
    local entry = n >= 0 and call('LINDEX', KEYS[6], n)
    return { 'DUP', clock(ARGV[1]), match(entry or '', '^%d+ I (%S+)') or '',
             '', 0, t[2] or '', {}, {} }
end

-- an event is 256 KiB at most: 4 KiB of them are for all but the text
local told, long = ARGV[13], nil
if #told > 258048 then
    told = 'null'
    long = '{"code":"VALIDATION_005","title":"The text is too long for an '
        .. 'event. GET /v3/messages/{id} has it."}'
end

local x = pair(19, 28)
local t, now = x.t, x.now
local contact, number, channel = ARGV[7], ARGV[9], ARGV[10]
local msg, text, keyword = ARGV[12], ARGV[13], ARGV[14]
local window = tonumber(ARGV[16])
local at = ARGV[11] ~= '' and math.max(1, math.min(tonumber(ARGV[11]), now))
    or now
local written = at == now and x.ms or format('%d', at)

-- a reply to a template belongs to the agent for which that was sent
local open = t.c and tonumber(t.e) > now
local last = t['tp:' .. channel]

-- written after that; carriers tell whole seconds
local function behind(ms)
    return ms - ms % 1000 <= at
end

-- what it replies to: {message, word of the template, when that was sent}
local template, mine = nil, ARGV[25]
if not open and (last or ARGV[24] ~= '-') then
    local function sent(msg, place)
        local when, id, word = match(
            place and call('LINDEX', KEYS[6], place - (t.mb or 0)) or '',
            '^(%d+) O (%S+) %S+ %S+ %S+ (template/%S+)')
        return id == msg and { id, word, when } or nil
    end

    template = ARGV[24] ~= '-' and sent(
        ARGV[24], match(call('GET', KEYS[18]) or '', ' (%d+)$')) or nil
    local id, when, place = match(last or '', '^(%S+) (%d+) (%d+)$')
    if not template and id and behind(when) and at - when <= 604800000 then
        template = sent(id, place)
    end
end
if template then
--#include templates
    local own = sent_for(template[2])
    local given = own and sub(mine, 1, 36) == own
    if own and not given and ARGV[27] == '' and sub(ARGV[26], 1, 36) ~= own
    then
        return { 'ASK', now, own, '', 0, '', {}, {} }
    end
    if not given and ARGV[26] ~= '=' then
        mine = ARGV[26]
    end
end
if keyword == 'stop' and open and t.ag and not t.out and ARGV[27] == '' then
    return { 'ASK', now, sub(t.ag, 1, 36), sub(t.ag, 38), 0, '', {}, {} }
end

lapse(x)

local known = not meet(x, contact, ARGV[8], KEYS[16])
if ARGV[19] ~= '' and t.nm ~= ARGV[19] then
    set(x, 'nm', ARGV[19])
end
if t.ch ~= channel then
    set(x, 'ch', channel)
end
if t['n:' .. channel] ~= number then
    set(x, 'n:' .. channel, number)
end
if keyword == 'start' then
--#include consent
    opt_in(x, KEYS[17], written, ARGV[23], channel, msg, '-')
end

if last and behind(match(last, ' (%d+)')) then
    drop(x, 'tp:' .. channel)
end

local what = 'CONTINUED'
if not t.c then
    what = 'OPENED'
    if t.out or keyword == 'stop' or ARGV[18] ~= '1' or at + window <= now
       or (t.pe and at < tonumber(t.pe))
    then
        what = 'REPORTED'
    end
end

if what ~= 'CONTINUED' and known then
    trim(x)
end

local greeting = ''
if what == 'OPENED' and mine ~= '' then
    local agent, how, hooks, words = match(
        mine, '^([^\n]+)\n([^\n]+)\n([^\n]*)\n(.*)$')
--#include number
    set(x, 'ag', agent)
    set(x, 'as', string.gsub(how, ' (%d+ %d+)$',
                             ' ' .. number(sub(agent, 1, 36)) .. ' %1'))
    if hooks ~= '' then
        set(x, 'ah', hooks)
    end
    greeting = words
end

-- on a channel that its agent does not enable it is taken all the same
local enabled = not t.as or find(',' .. match(t.as, '^%S+') .. ',',
                                 ',' .. channel .. ',', 1, true)

-- a burst goes on until it was quiet for so long, or three times that
local quiet = t.as and what ~= 'REPORTED'
    and tonumber(match(t.as, '^%S+ (%d+)')) or 0
if quiet > 0 then
    send(x)
    local first = tonumber(match(t.bu or '', '^%d+')) or now
    local till = math.min(now + quiet, first + 3 * quiet)
    set(x, 'bu', format('%d %d', first, till))
    due(x, 'h', till)
end

local conv = what == 'REPORTED' and '-' or t.c or ARGV[15]
t.c = what ~= 'REPORTED' and conv or nil
report(x, 0x20, 'received', 'RECEIVED', msg, conv, channel, contact, number,
       told, nil, long)
tally(x, channel .. ' RECEIVED')
local place, entries = write(x, written, 'I', msg, KEYS[14], conv, channel,
                             number, ARGV[22], 0, text)
call('SET', KEYS[13], place, 'PX', ARGV[17])

if what == 'OPENED' then
    local trigger = template and 'TEMPLATE_REPLY' or 'INBOUND'
    tally(x, 'opened ' .. trigger)
    local ends = format('%d', at + window)
    set(x, 'c', conv)
    set(x, 'e', ends)
    set(x, 'o', written)
    set(x, 'tr', trigger)
    set(x, 'cs', enabled and channel or '')
    set(x, 'no', '0')
    set(x, 'm0', place)
    t.ni, t.sq = 0, 0
    call('SET', KEYS[4], conv, 'PXAT', ends)
    due(x, 'w', ends)
    local before = tonumber(match(t.as or '', '^%S+ %d+ (%d+)') or 0)
    if before > 0 then
        due(x, 'x', ends - before)
    end
    call('ZADD', KEYS[12], written, conv)
    call('PEXPIRE', KEYS[12], x.keep)
    local lead = 'null'
    if template then
        local id, name = match(template[2], '^template/([^/]+)/([^/]+)')
        lead = '{"id":"' .. id .. '","name":"' .. name .. '","message_id":"'
            .. template[1] .. '","sent_at":"' .. stamp(template[3]) .. '"}'
    end
    tell(x, 1, 'started', 'evt_' .. conv .. '_started', channel, number,
         '"trigger":"' .. trigger .. '","opened_at":"'
         .. (at == now and stamp_now(x) or stamp(at))
         .. '","expires_at":"' .. stamp(ends) .. '","channels":['
         .. (t.cs ~= '' and '"' .. channel .. '"' or '')
         .. '],"lead":{"name":' .. (t.nm and cjson.encode(t.nm) or 'null')
         .. ',"template":' .. lead
         .. ',"first_text":' .. told
         .. '},"previous_conversation_id":'
         .. (t.prev and '"' .. t.prev .. '"' or 'null'))
end

-- a first window's end sets the TTL; a later one must not lose it before
if what == 'REPORTED' or (what == 'OPENED' and entries > 1) then
    call('PEXPIRE', KEYS[6], x.keep)
end

if t.c then
    set(x, 'ni', format('%d', t.ni + 1))
    if at >= tonumber(t.li or 0) then
        set(x, 'li', written)
    end
    if t.as then
        count(x, 1, at)
        if what == 'CONTINUED' then
            unset(x, 'p')
        else
            count(x, 3, at)
        end
    end
    if sub(t.cs, 1, #channel) ~= channel and enabled then
        local others = channel
        for c in string.gmatch(t.cs, '[^,]+') do
            if c ~= channel then
                others = others .. ',' .. c
            end
        end
        set(x, 'cs', others)
    end
    call('ZADD', KEYS[11], x.ms, t.c)
    exchanged(x, msg, 'INBOUND', channel, number, told, 'RECEIVED',
              at == now and stamp_now(x) or stamp(at))
end

if greeting ~= '' and t.cs ~= '' then
    outbound(x, ARGV[28], KEYS[19], t.c, channel, number, 'greeting', 'F',
             t.e, greeting)
end

local reply = ARGV[20] ~= '' and at + window > now
if keyword == 'stop' then
--#include lanes templates status consent cancel
    local first = opt_out(x, KEYS[17], written, ARGV[23], channel, msg, '-')
    if first and reply then
        outbound(x, ARGV[21], KEYS[15], '-', channel, number, 'confirmation',
                 'C', format('%d', now + window), ARGV[20])
    end
    send(x)
    local todo = cancel(x)
    save(x)
    purge(x, todo)
    what = 'STOPPED'
else
    if keyword == 'help' and reply then
        outbound(x, ARGV[21], KEYS[15], t.c or '-', channel, number, 'help',
                 'C', t.e or format('%d', now + window), ARGV[20])
    end
    save(x)
end
return {
    what, now, msg, conv == '-' and '' or conv, tonumber(t.e or 0), t.wa or '',
    x.leased, x.told,
}

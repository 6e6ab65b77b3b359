-- Writing into a window, and its end.

-- a transcript entry and its message's id; returns its place and how many
-- there are
local function write(x, at, direction, msg, index, conv, channel, number, kind,
                     ends, text)
    local n = call('RPUSH', KEYS[6], at .. ' ' .. direction .. ' ' .. msg
                   .. ' ' .. conv .. ' ' .. channel .. ' ' .. number .. ' '
                   .. kind .. ' ' .. ends .. ' ' .. text)
    local place = format('%d', (x.t.mb or 0) + n - 1)
    call('SET', index, x.thread .. ' ' .. place, 'PX', x.keep)
    return place, n
end

-- Retention: the oldest entries go, the last one never. Before the step's own
-- entry is written; what is to be forgotten of r: goes in the end (forget).
local function trim(x)
    local first, limit = call('LINDEX', KEYS[6], 0), x.now - x.keep
    if not first or tonumber(match(first, '^%d+')) >= limit then
        return
    end
    local old, gone, ids = call('LRANGE', KEYS[6], 0, 255), 0, {}
    while gone < #old - 1
          and tonumber(match(old[gone + 1], '^%d+')) < limit
    do
        gone = gone + 1
        local id, conv = match(old[gone], '^%d+ %u (%S+) (%S+)')
        ids[#ids + 1] = id
        if conv ~= '-' and not find(old[gone + 1], conv, 1, true) then
            ids[#ids + 1] = conv
        end
    end
    if gone > 0 then
        call('LPOP', KEYS[6], gone)
        set(x, 'mb', (x.t.mb or 0) + gone)
        if call('EXISTS', KEYS[7]) == 1 then
            x.forget = ids
        end
    end
end

-- whom the pair is of, where it is new or was deleted; index = ct:<customer>
local function meet(x, contact, contact_id, index)
    if not x.t.n then
        set(x, 'cu', x.customer)
        set(x, 'n', contact)
        set(x, 'ci', contact_id)
        call('ZADD', index, x.ms, contact)
        return true
    end
end

-- our message waits for an answer: the agent's ping counts from it
local function await(x)
    local t = x.t
    local after, most = match(t.as, '(%d+) (%d+)$')
    if tonumber(t.pn or 0) < tonumber(most)
       and x.now + after < tonumber(t.e)
    then
        due(x, 'p', x.now + after)
    end
end

-- the channel on which the contact wrote last, of those that are enabled if
-- there is one, and our number there
local function current(t)
    local first = match(t.cs, '^[^,]+') or t.ch
    for _, channel in ipairs({ first, 'whatsapp', 'sms', 'rcs' }) do
        local number = t['n:' .. channel]
        if number then
            return channel, number
        end
    end
end

-- a message to the contact: kept, told, on its lane
local function outbound(x, msg, index, conv, channel, number, kind, mark, ends,
                        text)
    local t, out = x.t, x.out
    write(x, x.ms, 'O', msg, index, conv, channel, number, kind, ends, text)
    tally(x, channel .. ' QUEUED')
    report(x, 0x40, 'queued', 'QUEUED', msg, conv, channel, number, t.n, text)
    if conv ~= '-' then
        set(x, 'no', format('%d', t.no + 1))
        set(x, 'lo', x.ms)
        exchanged(x, msg, 'OUTBOUND', channel, number, text, 'QUEUED',
                  stamp_now(x))
        call('ZADD', KEYS[11], x.ms, conv)
        if t.as then
            await(x)
            count(x, 2, x.now)
        end
    end
    local key = KEYS[channel == 'sms' and 9 or channel == 'rcs' and 10 or 8]
    local items = out[key] or {}
    items[#items + 1] = msg .. ' ' .. ends .. trace .. ' ' .. mark .. ' '
        .. conv .. ' ' .. number .. ' ' .. t.n .. ' ' .. text
    out[key] = items
end

-- ends the open conversation at that time, for that reason
local function finish(x, reason, at)
    local t = x.t
    local channel, number = current(t)
    tell(x, 4, 'ended', 'evt_' .. t.c .. '_ended', channel, number,
         '"close_reason":"' .. reason .. '","opened_at":"' .. stamp(t.o)
         .. '","ended_at":"' .. stamp(at) .. '","inbound_count":' .. t.ni
         .. ',"outbound_count":' .. t.no)
    if t.bu then
        release(x)
    end
    call('HSET', KEYS[7], t.c, t.tr .. ' ' .. t.o .. ' ' .. t.e .. ' ' .. at
         .. ' ' .. reason .. ' ' .. t.ni .. ' ' .. t.no .. ' ' .. t.li .. ' '
         .. (t.lo or 0) .. ' ' .. (t.cs ~= '' and channel or '') .. ' '
         .. t.cs .. ' ' .. number .. ' ' .. t.m0 .. ' '
         .. (t.mb or 0) + call('LLEN', KEYS[6]) .. ' ' .. t.sq
         .. (t.ag and ' ' .. t.ag or ''))
    call('PEXPIRE', KEYS[6], x.keep)
    call('PEXPIRE', KEYS[7], x.keep)
    x.ended = t.c
    set(x, 'prev', t.c)
    if reason ~= 'EXPLICIT' then
        set(x, 'pe', at)
    end
    tally(x, 'ended ' .. reason)
    if t.as then
        unset(x, 'p')
        unset(x, 'x')
        count(x, reason == 'EXPIRED' and 4 or reason == 'EXPLICIT' and 5 or 6,
              at)
    end
    if reason == 'EXPIRED' then
        local told = x.told
        told[#told + 1], told[#told + 2] = 'late', x.now - at
    end
    for _, field in ipairs({ 'c', 'e', 'o', 'tr', 'cs', 'ni', 'no', 'li', 'lo',
                             'sq', 'm0', 'ag', 'as', 'ah', 'pn' })
    do
        if t[field] ~= nil then
            drop(x, field)
        end
    end
end

-- a window whose end nobody has told yet
local function lapse(x)
    local t = x.t
    if t.c and tonumber(t.e) <= x.now then
        finish(x, 'EXPIRED', t.e)
    end
end

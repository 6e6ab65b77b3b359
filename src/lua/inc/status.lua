-- What becomes of a message.

local rank = { SENT = 1, FAILED = 2, FILTERED = 2, BLOCKED = 2, DELIVERED = 3,
               READ = 4 }

-- The last template on that channel before the place, where nothing has come
-- there since and it did not fail; not looked for for ever.
local function template_before(x, channel, place)
    local base = x.t.mb or 0
    local n = place - base
    if n < 1 then
        return
    end
    local entries = call('LRANGE', KEYS[6], math.max(n - 16, 0), n - 1)
    for i = #entries, 1, -1 do
        local when, way, id, via, kind = match(
            entries[i], '^(%d+) (%u) (%S+) %S+ (%S+) %S+ (%S+)')
        if via == channel and way == 'I' then
            return
        end
        if via == channel and sub(kind, 1, 9) == 'template/' then
            local is = call('HGET', KEYS[7], id)
            if not is or rank[match(is, '([A-Z]+) [^\n]*$')] ~= 2 then
                return id .. ' ' .. when .. ' '
                    .. format('%d', base + n - 1 - #entries + i)
            end
        end
    end
end

-- moves a message on, never back, and tells it; msg = {id, conversation or
-- '-', channel, from, to, text, template, trail}, the last two or nil; needs
-- t: n and, of a template, mb and tp:<channel>. What was sent is not filtered
-- any more; of a contact that was deleted nothing is kept. AGAIN is FAILED by
-- what will pass. Of its agent: c and ag.
local function mark(x, status, msg, error, note)
    if not x.t.n then
        return false
    end
    status = status == 'AGAIN' and 'FAILED' or status
    local was = call('HGET', KEYS[7], msg[1])
    if was then
        local from = rank[match(was, '([A-Z]+) [^\n]*$')]
        if from == 2 or rank[status] <= from or status == 'FILTERED' then
            return false
        end
    end
    local line = status .. ' ' .. x.ms .. (note and ' ' .. note or '')
    call('HSET', KEYS[7], msg[1], was and was .. '\n' .. line or line)
    if not was then
        call('PEXPIRE', KEYS[7], x.keep)
    end
    tally(x, msg[3] .. ' ' .. status)
    local content, conv = msg[7], msg[2]
    if content and not was and rank[status] ~= 2 then
        local agent = match(content, '"agent_id":"(.+)"$')
        if agent then
            count(x, 7, x.now, agent)
        end
    end
    if not content and conv ~= '-' and conv ~= x.t.c then
        -- that conversation has ended; its agent stands last in its record
        content = freeform_of(match(call('HGET', KEYS[7], conv) or '',
                                    ' (%S+%-%S+ %d+)$'))
    end
    local bits = { SENT = 0x80, DELIVERED = 0x100, READ = 0x200,
                   FAILED = 0x400, FILTERED = 0x800, BLOCKED = 0x1000 }
    report(x, bits[status], status:lower(), status, msg[1], conv, msg[3],
           msg[4], msg[5], msg[6], content, error, msg[8])

    -- what has not reached the contact is not what it replies to
    if rank[status] == 2 and msg[7] then
        local last = 'tp:' .. msg[3]
        local id, place = match(x.t[last] or '', '^(%S+) %d+ (%d+)$')
        if id == msg[1] then
            local before = template_before(x, msg[3], place)
            drop(x, last)
            if before then
                set(x, last, before)
            end
        end
    end
    return true
end

-- a carrier's item: the message as mark() takes it, ends, kind
local function carried(item, channel)
    local id, ends, trail, kind, conv, from, to, text =
        match(item, '^(%S+) (%d+)(%S*) (%S+) (%S+) (%S+) (%S+) (.*)$')
    return { id, conv, channel, from, to, text,
             sub(kind, 1, 1) == 'T' and template_of(kind) or nil, trail },
        tonumber(ends), kind
end

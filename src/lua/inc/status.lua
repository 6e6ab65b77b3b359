-- What becomes of a message.

-- moves a message on, never back, and tells it; msg = {id, conversation or
-- '-', channel, from, to, text}
local function mark(x, status, msg, error, note)
    local rank = { SENT = 1, FAILED = 2, FILTERED = 2, DELIVERED = 3,
                   READ = 4 }
    local was = call('HGET', KEYS[7], msg[1])
    if was then
        local from = rank[match(was, '([A-Z]+) [^\n]*$')]
        if from == 2 or rank[status] <= from then
            return false
        end
    end
    local line = status .. ' ' .. x.ms .. (note and ' ' .. note or '')
    call('HSET', KEYS[7], msg[1], was and was .. '\n' .. line or line)
    if not was then
        call('PEXPIRE', KEYS[7], x.keep)
    end
    local bits = { SENT = 0x80, DELIVERED = 0x100, READ = 0x200,
                   FAILED = 0x400, FILTERED = 0x800 }
    report(x, bits[status], status:lower(), status, msg[1], msg[2], msg[3],
           msg[4], msg[5], msg[6], error)
    return true
end

-- a carrier's item: the message as mark() takes it, ends, kind
local function carried(item, channel)
    local id, ends, kind, conv, from, to, text =
        match(item, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
    return { id, conv, channel, from, to, text }, tonumber(ends), kind
end

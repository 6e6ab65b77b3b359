-- What the scripts of a carrier's lane (KEYS[13]) share.

local expired = '{"code":"EXPIRED","title":"The message could not be handed'
    .. ' over in time."}'

-- The first item from "from" on that may be tried now; those before it end
-- here, each with its event, or were settled by a status report. attempts,
-- flight and doom are the first item's. Returns its place and id, or nil.
local function choose(x, items, from, channel, attempts, flight, doom)
    for i = from, #items do
        local msg, ends, kind = carried(items[i], channel)
        local tried = i == 1 and (tonumber(attempts) > 0 or flight == msg[1])
        if not call('HGET', KEYS[7], msg[1]) then
            if i == 1 and doom ~= '-' then
                mark(x, doom, msg)
            elseif x.t.out and kind ~= 'C' then
                mark(x, 'FILTERED', msg)
            elseif tried and ends <= x.now then
                mark(x, 'FAILED', msg, expired, 'EXPIRED')
            else
                return i, msg[1]
            end
        end
    end
end

-- Ends the step: events leave, the items before the chosen one go, that one is
-- granted to the caller or left to all; "died": an attempt at it was granted
-- before, and nobody has told what became of that. Nothing is read behind it.
local function proceed(x, member, items, from, channel, attempts, flight, doom,
                       customer)
    local next, id = choose(x, items, from, channel, attempts, flight, doom)
    local died = next == 1 and flight == id and '1' or ''
    local gone = next and next - 1 or #items
    save(x)
    local answer
    if not next and #items == 100 then
        gone = 99
        leave(x, member, 0, x.now, customer)
        answer = { 'LEFT', x.now, x.leased, x.told }
    elseif not next then
        idle(x, member)
        answer = { 'EMPTY', x.now, x.leased, x.told }
    else
        if next ~= 1 then
            attempts = 0
        end
        if x.lease == 0 then
            leave(x, member, attempts, x.now, customer)
            answer = { 'LEFT', x.now, x.leased, x.told }
        else
            grant(x, member, id, attempts, customer)
            answer = { 'NEXT', x.now, items[next], tonumber(attempts), died,
                       x.leased, x.told }
        end
    end
    if gone > 0 then
        call('LPOP', KEYS[13], gone)
    end
    return answer
end

-- Consent of a pair: out or in, what is kept of it for ever, and what an
-- opt-out does to all that waits.

-- a change, onto the history: "<at> <change> <source> <channel> <message>
-- <key>", '-' where there is none
local function changed(x, history, at, change, source, channel, msg, by)
    call('RPUSH', history, at .. ' ' .. change .. ' ' .. source .. ' '
         .. channel .. ' ' .. msg .. ' ' .. by)
    set(x, 'up', x.ms)
    tally(x, change .. ' ' .. source)
end

-- An opt-out always takes effect, whenever it was written; true where the
-- contact was in. Ends the window.
local function opt_out(x, history, at, source, channel, msg, by)
    local t, first = x.t, not x.t.out
    if first then
        changed(x, history, at, 'OPT_OUT', source, channel, msg, by)
    end
    if first or tonumber(at) > tonumber(t.out) then
        set(x, 'out', at)
    end
    if t.c then
        finish(x, 'COMPLIANCE_STOP', x.ms)
    end
    return first
end

-- an opt-in does where it was written after the recorded opt-out
local function opt_in(x, history, at, source, channel, msg, by)
    if x.t.out and tonumber(at) > tonumber(x.t.out) then
        drop(x, 'out')
        changed(x, history, at, 'OPT_IN', source, channel, msg, by)
        return true
    end
end

-- After an opt-out nothing waits for a carrier but what is exempt; an attempt
-- under way is left to its end, and told what becomes of it if it fails. Tells
-- what is cancelled; what it returns takes it off the lanes.
local function cancel(x)
    local todo = {}
    for k, name in ipairs({ 'whatsapp', 'sms', 'rcs' }) do
        local key = KEYS[7 + k]
        local items = call('LRANGE', key, 0, -1)
        if #items > 0 then
            local member = match(key, '}:(.+)$')
            local owner, attempts, flight, _, customer = state(x, member)
            local live = owner ~= '-' and flight ~= '-'
                and tonumber(call('ZSCORE', x.lanes, member)) > x.now
            local lane = { key = key, member = member, customer = customer,
                           gone = {} }
            for i, item in ipairs(items) do
                local m, _, kind = carried(item, name)
                if kind == 'C' then
                    lane.next = lane.next or item
                elseif i == 1 and live and flight == m[1] then
                    lane.busy = true
                    keep(x, member, owner, attempts, flight, 'FILTERED',
                         customer)
                else
                    lane.cut = lane.cut or i == 1
                    lane.gone[#lane.gone + 1] = item
                    mark(x, 'FILTERED', m)
                end
            end
            todo[#todo + 1] = lane
        end
    end
    return todo
end

local function purge(x, todo)
    for _, lane in ipairs(todo) do
        local next = lane.next
        if not next and not lane.busy then
            idle(x, lane.member)
        elseif lane.cut and x.lease > 0 then
            grant(x, lane.member, match(next, '^%S+'), 0, lane.customer)
            x.leased[#x.leased + 1] = lane.member
            x.leased[#x.leased + 1] = next
        elseif lane.cut then
            leave(x, lane.member, 0, x.now, lane.customer)
        end
        for _, item in ipairs(lane.gone) do
            call('LREM', lane.key, 1, item)
        end
    end
end

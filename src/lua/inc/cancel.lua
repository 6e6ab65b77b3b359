-- What an opt-out does to all that waits for a carrier.

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

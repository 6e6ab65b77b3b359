-- Filling lanes. x: now, lease, owner, customer, lanes, lane, leased (what the
-- caller got so far), tag (where in a key the lane's name begins).

-- onto the end of a lane; an idle one is leased to the caller, or left to all
local function push(x, key, items, delay)
    local count, length = #items, nil
    if count <= 4000 then
        length = call('RPUSH', key, unpack(items))
    else
        for i = 1, count, 4000 do       -- Lua's stack holds no more
            length = call('RPUSH', key, unpack(items, i,
                                               math.min(i + 3999, count)))
        end
    end
    if length > count then
        return
    end
    local member, owner, flight = sub(key, x.tag), '-', '-'
    local at = x.now + delay
    if delay == 0 and x.lease > 0 then
        local item, leased = items[1], x.leased
        owner, flight = x.owner, sub(item, 1, find(item, ' ', 1, true) - 1)
        at = x.now + x.lease
        leased[#leased + 1] = member
        leased[#leased + 1] = item
    end
    local scores, states = x.scores, x.states
    if not scores then
        scores, states = { 'ZADD', x.lanes }, { 'HSET', x.lane }
        x.scores, x.states = scores, states
    end
    scores[#scores + 1] = format('%d', at)
    scores[#scores + 1] = member
    states[#states + 1] = member
    states[#states + 1] = owner .. ' 0 ' .. flight .. ' - ' .. x.customer
end

-- the states of the lanes that were idle
local function settle(x)
    if x.scores then
        call(unpack(x.scores))
        call(unpack(x.states))
        x.scores = nil
    end
end

-- The number that an agent has in st:<customer>, KEYS[#KEYS - 1].
local function number(agent)
    local key = KEYS[#KEYS - 1]
    local n = call('HGET', key, agent)
    if not n then
        n = format('%d', call('HINCRBY', key, 'agents', 1))
        call('HSET', key, agent, n)
    end
    return n
end

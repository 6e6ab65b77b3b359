-- Looking into the lists of inc/log.lua.

local function ended(key, i)
    return tonumber(match(call('LINDEX', key, 2 * i), '^%d+'))
end

-- the place of the first of n events that ended then or later
local function since(key, n, ms)
    local low, high = 0, n
    while low < high do
        local mid = floor((low + high) / 2)
        if ended(key, mid) < ms then
            low = mid + 1
        else
            high = mid
        end
    end
    return low
end

-- the place of an event, its record and item; the last are looked at first
local function locate(key, id)
    local last = call('LLEN', key) / 2 - 1
    id = id .. ' '
    while last >= 0 do
        local from = math.max(0, last - 63)
        local part = call('LRANGE', key, 2 * from, 2 * last + 1)
        for i = #part, 2, -2 do
            if sub(part[i], 1, #id) == id then
                return from + i / 2 - 1, part[i - 1], part[i]
            end
        end
        last = from - 1
    end
end

local function thread_of(item)
    return match(item, '"thread_id":"([^"]+)"')
end

-- what a: is to have of an event that goes onto its lane again, or nil
local function before(thread, record)
    local attempts = match(record, '^%d+\n(.*)$')
    attempts = match(attempts, '^(.*)\n0 [^\n]*$') or attempts
    return sub(attempts, 1, 2) ~= '0 ' and thread .. '\n' .. attempts or nil
end

-- so many of them from there on go
local function remove(key, place, count)
    if place == 0 then
        call('LPOP', key, 2 * count)
        return
    end
    for i = 2 * place, 2 * (place + count) - 1 do
        call('LSET', key, i, '')
    end
    call('LREM', key, 0, '')
end

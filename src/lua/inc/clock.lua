local call, match, sub = redis.call, string.match, string.sub
local find, format, floor = string.find, string.format, math.floor

-- Redis's clock in ms; a test may give another
local function clock(given)
    if given ~= '' then
        return tonumber(given)
    end
    local now = call('TIME')
    return now[1] * 1000 + floor(now[2] / 1000)
end

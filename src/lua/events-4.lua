#!lua flags=no-writes
--[[
  A partition's part of an endpoint's events, by when they ended.
  KEYS[1] e:<endpoint>  KEYS[2] d:<endpoint>  KEYS[3] a:<endpoint>
  KEYS[4] lanes
  ARGV[1] now or ''  [2] endpoint
  ARGV[3] '1' = the later ones first, '' = the earlier ones
  ARGV[4] of e: ms that it reaches back, '' = it is not looked at
  ARGV[5] ms from which on, '' = from the end; what ended in that very ms:
  ARGV[6] 'in', 'out', or an event: from behind that one on
  ARGV[7..9] the same of d:
  ARGV[10] how many events of each  [11] how many are looked at for them
  ARGV[12] a part of an event, in small letters, or ''
  ARGV[13] lanes to be named at most
  Returns {now, of e:, of d:, {thread...}}, of a list: {how many it has, '1' =
    there are more, ms and id of the last looked at, record, item, record...};
    threads on whose lanes something waits, some of them.
]]
--#include clock logged

local now, endpoint, back = clock(ARGV[1]), ARGV[2], ARGV[3] == '1'
local most, limit, text = tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12]

-- from where on, in the direction
local function start(key, low, n, ms, tie)
    if ms == '' then
        return back and n - 1 or low
    end
    local first, behind = since(key, n, tonumber(ms)), since(key, n, ms + 1)
    local place = (tie == 'in') == back and behind or first
    if tie ~= 'in' and tie ~= 'out' then
        place = back and first or behind
        for i = first, behind - 1 do
            if match(call('LINDEX', key, 2 * i + 1), '^%S+') == tie then
                place = back and i or i + 1
            end
        end
    end
    return math.max(back and place - 1 or place, back and -1 or low)
end

local function scan(key, age, ms, tie)
    local got = { 0, '', 0, '' }
    if age == '' then
        return got
    end
    local n = call('LLEN', key) / 2
    local low = since(key, n, now - age)
    local i, seen = start(key, low, n, ms, tie), 0
    got[1] = n - low
    while i >= low and i < n and seen < limit and #got < 4 + 2 * most do
        local record, item = unpack(call('LRANGE', key, 2 * i, 2 * i + 1))
        if text == '' or find(item:lower(), text, 1, true) then
            got[#got + 1] = record
            got[#got + 1] = item
        end
        got[3], got[4] = tonumber(match(record, '^%d+')), match(item, '^%S+')
        i, seen = back and i - 1 or i + 1, seen + 1
    end
    got[2] = i >= low and i < n and '1' or ''
    return got
end

local threads, known, wanted = {}, {}, tonumber(ARGV[13])
local function name(thread)
    if thread and not known[thread] and #threads < wanted then
        known[thread] = true
        threads[#threads + 1] = thread
    end
end

if wanted > 0 then
    local prefix = 'q:' .. endpoint .. ':'
    local noted = call('HSCAN', KEYS[3], 0, 'COUNT', 4 * wanted)[2]
    for i = 2, #noted, 2 do
        name(match(noted[i], '^(.-)\n'))
    end
    for _, member in ipairs(call('ZRANGE', KEYS[4], 0, 255)) do
        if sub(member, 1, #prefix) == prefix then
            name(sub(member, #prefix + 1))
        end
    end
end

return { now, scan(KEYS[1], ARGV[4], ARGV[5], ARGV[6]),
         scan(KEYS[2], ARGV[7], ARGV[8], ARGV[9]), threads }

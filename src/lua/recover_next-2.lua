#!lua flags=no-writes
--[[
  Whose events recovery moves next.
  KEYS[1] d:<endpoint>  KEYS[2] b:<endpoint>
  ARGV[1] now or ''  [2] ms that d: reaches back  [3] how many events
  Returns {thread...}, each once; none: there is nothing left to move.
]]
--#include clock logged

local now, threads, known = clock(ARGV[1]), {}, {}
local from, till = match(call('GET', KEYS[2]) or '', '^(%d+) (%d+)$')
if not from then
    return {}
end
local n = call('LLEN', KEYS[1]) / 2
local place = since(KEYS[1], n, math.max(tonumber(from), now - ARGV[2]))
local part = call('LRANGE', KEYS[1], 2 * place, 2 * (place + ARGV[3]) - 1)
for i = 1, #part, 2 do
    local thread = thread_of(part[i + 1])
    if tonumber(match(part[i], '^%d+')) > tonumber(till) then
        break
    end
    if not known[thread] then
        known[thread] = true
        threads[#threads + 1] = thread
    end
end
return threads

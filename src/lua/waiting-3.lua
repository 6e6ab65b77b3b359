#!lua flags=no-writes
--[[
  What waits on an endpoint's lane.
  KEYS[1] lane  KEYS[2] the lane's list  KEYS[3] a:<endpoint>
  ARGV[1] how many at most  [2] that event alone, or ''
  Returns {failed attempts at the first, whose id, item, what a: has, item...}.
]]
--#include clock lanes

local _, attempts = state({ lane = KEYS[1] }, match(KEYS[2], '}:(.+)$'))
local answer, n, from = { tonumber(attempts or 0), '' }, tonumber(ARGV[1]), 0
repeat
    local items = call('LRANGE', KEYS[2], from, from + n - 1)
    for i, item in ipairs(items) do
        local id = match(item, '^%S+')
        if from + i == 1 then
            answer[2] = id
        end
        if ARGV[2] == '' or ARGV[2] == id then
            answer[#answer + 1] = item
            answer[#answer + 1] = call('HGET', KEYS[3], id) or ''
        end
    end
    from = from + n
until ARGV[2] == '' or #answer > 2 or #items < n
return answer

#!lua flags=no-writes
--[[
  Where an event of an endpoint is.
  KEYS[1] e:<endpoint>  KEYS[2] d:<endpoint>  KEYS[3] a:<endpoint>
  KEYS[4] lanes
  ARGV[1] event id  [2] endpoint  [3] lanes to be named at most
  Returns {"DELIVERED", record, item}, {"FAILED", record, item}, or {"WAITS",
    thread...}: it may be on the lane of one of these.
]]
--#include clock logged

for k, what in ipairs({ 'DELIVERED', 'FAILED' }) do
    local place, record, item = locate(KEYS[k], ARGV[1])
    if place then
        return { what, record, item }
    end
end
local thread = match(call('HGET', KEYS[3], ARGV[1]) or '', '^(.-)\n')
if thread then
    return { 'WAITS', thread }
end
local answer, prefix = { 'WAITS' }, 'q:' .. ARGV[2] .. ':'
for _, member in ipairs(call('ZRANGE', KEYS[4], 0, 9999)) do
    if sub(member, 1, #prefix) == prefix and #answer <= tonumber(ARGV[3]) then
        answer[#answer + 1] = sub(member, #prefix + 1)
    end
end
return answer

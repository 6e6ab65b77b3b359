#!lua
--[[
  A status by the carrier's own message id: whose is it?
  KEYS[1] cid:<channel>:<the carrier's id>
  ARGV[1] now or ''  [2] "<STATUS> <ms> <error as JSON or null>"
  ARGV[3] ms to keep
  Returns {"MSG", message id}, or {"KEPT"}: the message is not known yet, its
    ack will apply the report.
]]
local is = redis.call('GET', KEYS[1])
if is and string.sub(is, 1, 1) ~= '?' then
    return { 'MSG', is }
end
if not is or #is < 2048 then
    redis.call('SET', KEYS[1], (is or '?') .. '\n' .. ARGV[2], 'PX', ARGV[3])
end
return { 'KEPT' }

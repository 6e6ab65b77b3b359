#!lua
--[[
  Writes a webhook's record, unless another changed it since it was read.
  KEYS[1] the customer's webhooks  [2] how they fare
  ARGV[1] id  [2] the record as it was read, '' = there was none
  ARGV[3] the record  [4] webhooks at most
  ARGV[5] '1' = its failures in a row are forgotten
  Returns OK, STALE (it is not as it was read) or FULL.
]]
local call = redis.call
local is = call('HGET', KEYS[1], ARGV[1])
if (is or '') ~= ARGV[2] then
    return 'STALE'
end
if not is and call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
    return 'FULL'
end
call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[5] == '1' then
    call('HDEL', KEYS[2], ARGV[1] .. ':failures', ARGV[1] .. ':since')
end
return 'OK'

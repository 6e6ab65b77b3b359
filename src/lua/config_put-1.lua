#!lua
--[[
  Writes one field of a customer's configuration.
  KEYS[1] the hash
  ARGV[1] field  [2] value  [3] fields at most, 0 = any number
  ARGV[4] '1' = only if there is none, '2' = only if there is one
  Returns OK, EXISTS, GONE or FULL.
]]
local call = redis.call
if call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
    if ARGV[4] == '1' then
        return 'EXISTS'
    end
elseif ARGV[4] == '2' then
    return 'GONE'
elseif ARGV[3] ~= '0' and call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then
    return 'FULL'
end
call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 'OK'

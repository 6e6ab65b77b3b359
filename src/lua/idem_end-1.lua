#!lua flags=allow-oom
--[[
  Keeps the first answer to a request that has an Idempotency-Key.
  KEYS[1] sc:idem:<customer>:<key>
  ARGV[1] the id of its beginning  [2] status, 0 = forget it, 1 = keep the id
    alone: a repeat runs again with it  [3] body
  Returns 1, or 0 when the record is gone or another's.
]]
local call = redis.call
local is = call('HMGET', KEYS[1], 'id', 's')
if is[1] ~= ARGV[1] or is[2] then
    return 0
end
if ARGV[2] == '0' then
    call('DEL', KEYS[1])
elseif ARGV[2] == '1' then
    call('HSET', KEYS[1], 'lock', 0)
else
    call('HSET', KEYS[1], 's', ARGV[2], 'b', ARGV[3], 'lock', 0)
end
return 1

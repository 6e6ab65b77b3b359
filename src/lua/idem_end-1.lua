#!lua flags=allow-oom
--[[
  Keeps the first answer to a request that has an Idempotency-Key.
  KEYS[1] sc:idem:<customer>:<key>
  ARGV[1] the id of its beginning  [2] status, 0 = forget it, 1 = keep the id
    alone: a repeat runs again with it, 2 = it is still at work  [3] body, of 2
    the ms it may run from now  [4] now or ''
  Returns 1, or 0 when the record is gone or another's.
]]
--#include clock

local is = call('HMGET', KEYS[1], 'id', 's')
if is[1] ~= ARGV[1] or is[2] then
    return 0
end
if ARGV[2] == '0' then
    call('DEL', KEYS[1])
elseif ARGV[2] == '1' then
    call('HSET', KEYS[1], 'lock', 0)
elseif ARGV[2] == '2' then
    call('HSET', KEYS[1], 'lock', clock(ARGV[4]) + ARGV[3])
else
    call('HSET', KEYS[1], 's', ARGV[2], 'b', ARGV[3], 'lock', 0)
end
return 1

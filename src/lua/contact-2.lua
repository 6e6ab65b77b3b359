#!lua
--[[
  Makes a contact.
  KEYS[1] t:<thread>  KEYS[2] ct:<customer>
  ARGV[1] now or ''  [2] customer  [3] contact, E.164  [4] contact_id
  ARGV[5] '1' = sandbox: nothing is written
  Returns {CREATED or EXISTS, now}.
  Guarantees: one that was deleted and comes again is as opted out as it was.
]]
--#include clock

local now = clock(ARGV[1])
if call('HEXISTS', KEYS[1], 'n') == 1 then
    return { 'EXISTS', now }
end
if ARGV[5] ~= '1' then
    call('HSET', KEYS[1], 'cu', ARGV[2], 'n', ARGV[3], 'ci', ARGV[4])
    call('ZADD', KEYS[2], format('%d', now), ARGV[3])
end
return { 'CREATED', now }

#!lua flags=allow-oom
--[[
  Keeps lanes leased.
  KEYS[1] lanes  KEYS[2] lane
  ARGV[1] now or ''  [2] owner  [3] lease ms  [4..] lane, id of the item in
    flight, lane, id...
  Returns one integer each: 1 = still the owner's, 0 = lost.
  Guarantees: only the owner's leases move, and only while that item is in
  flight; a lane in backoff stays there.
]]
--#include clock

local ends = clock(ARGV[1]) + ARGV[3]
local names, out, put = {}, {}, { 'ZADD', KEYS[1], 'XX' }
for i = 4, #ARGV, 2 do
    names[#names + 1] = ARGV[i]
end
for i, s in ipairs(call('HMGET', KEYS[2], unpack(names))) do
    local owner, flight = match(s or '', '^(%S+) %S+ (%S+)')
    out[i] = owner == ARGV[2] and flight == ARGV[3 + 2 * i] and 1 or 0
    if out[i] == 1 then
        put[#put + 1] = ends
        put[#put + 1] = names[i]
    end
end
if #put > 3 then
    call(unpack(put))
end
return out

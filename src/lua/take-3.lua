#!lua flags=allow-oom
--[[
  The head of a claimed endpoint's lane, for one attempt.
  KEYS[1] lanes  KEYS[2] lane  KEYS[3] the lane's list
  ARGV[1] now or ''  [2] owner  [3] lease ms
  Returns {"NEXT", now, item, failed attempts} or {"LOST", now}.
]]
--#include clock lanes

local x = { now = clock(ARGV[1]), owner = ARGV[2], lease = tonumber(ARGV[3]),
            lanes = KEYS[1], lane = KEYS[2] }
local member = match(KEYS[3], '}:(.+)$')
local owner, attempts, _, _, customer = state(x, member)
if owner ~= x.owner then
    return { 'LOST', x.now }
end
local item = call('LINDEX', KEYS[3], 0)
grant(x, member, match(item, '^%S+'), attempts, customer)
return { 'NEXT', x.now, item, tonumber(attempts) }

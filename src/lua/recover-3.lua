#!lua flags=allow-oom
--[[
  What an endpoint's partition has given up since then is to be sent again.
  KEYS[1] d:<endpoint>  KEYS[2] b:<endpoint>  KEYS[3] due
  ARGV[1] now or ''  [2] since when, ms  [3] ms that d: reaches back
  ARGV[4] member of due  [5] ms until the sweep begins with it
  ARGV[6] '1' = sandbox: nothing is written
  Returns {now, how many events}.
  Guarantees: what is given up later is not meant; several of them are one, of
  what any of them meant.
]]
--#include clock logged

local now, from = clock(ARGV[1]), tonumber(ARGV[2])
local n = call('LLEN', KEYS[1]) / 2
local count = n - since(KEYS[1], n, math.max(from, now - ARGV[3]))
if count > 0 and ARGV[6] ~= '1' then
    local was = match(call('GET', KEYS[2]) or '', '^%d+')
    from = format('%d', was and math.min(from, was) or from)
    call('SET', KEYS[2], from .. ' ' .. format('%d', now), 'PX', ARGV[3])
    call('ZADD', KEYS[3], 'NX', now + ARGV[5], ARGV[4])
end
return { now, count }

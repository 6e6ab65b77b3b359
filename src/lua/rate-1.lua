#!lua flags=allow-oom
--[[
  Takes one of the requests that a customer has left.
  KEYS[1] sc:{<customer>}:rate
  ARGV[1] now in us or ''  [2] us for one to come back  [3] how many at most
  Returns {1 or 0 = taken, left, ms until there is one, ms until all are back}.
  Guarantees: one bucket for all nodes, by the clock of Redis; without memory
  it goes on, for what frees memory has to pass it.
]]
--#include clock

local each, now = tonumber(ARGV[2]), tonumber(ARGV[1])
if not now then
    local time = call('TIME')
    now = time[1] * 1000000 + time[2]
end

-- when it is full again; no further off than of an empty one
local most = each * ARGV[3]
local lag = tonumber(call('GET', KEYS[1]) or now) - now
lag = math.max(0, math.min(lag, most))

local taken, wait = 1, 0
if lag + each > most then
    taken, wait = 0, math.ceil((lag + each - most) / 1000)
else
    lag = lag + each
    call('SET', KEYS[1], format('%d', now + lag), 'PX',
         math.ceil(lag / 1000))
end
return { taken, floor((most - lag) / each), wait, math.ceil(lag / 1000) }

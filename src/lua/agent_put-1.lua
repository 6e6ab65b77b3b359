#!lua
--[[
  Changes an agent's record or layout, unless another changed it since it was
  read. An agent that is off or archived has no numbers.

  KEYS[1] the customer's agents (agent_save)
  ARGV[1] id  [2] the record as it was read  [3] the record
  ARGV[4] '1' = it is on  [5] the numbers of its live version
  ARGV[6] that version  [7] the layout, or '' = as it is

  Returns OK, STALE (read it again), GONE, or TAKEN (another agent has one of
    the numbers).
]]
local call = redis.call
local id = ARGV[1]
local is = call('HMGET', KEYS[1], id, id .. ':live')
if not is[1] then
    return 'GONE'
elseif is[1] ~= ARGV[2] or is[2] ~= ARGV[6] then
    return 'STALE'
end

if ARGV[4] == '1' then
    local mine = {}
    for number in string.gmatch(ARGV[5], '%S+') do
        mine[number] = true
    end
    local all = call('HGETALL', KEYS[1])
    for i = 1, #all, 2 do
        local whose = string.match(all[i], '^(.*):numbers$')
        if whose and whose ~= id then
            for number in string.gmatch(all[i + 1], '%S+') do
                if mine[number] then
                    return 'TAKEN'
                end
            end
        end
    end
    call('HSET', KEYS[1], id .. ':numbers', ARGV[5])
else
    call('HDEL', KEYS[1], id .. ':numbers')
end
call('HSET', KEYS[1], id, ARGV[3])
if ARGV[7] ~= '' then
    call('HSET', KEYS[1], id .. ':layout', ARGV[7])
end
return 'OK'

#!lua
--[[
  Appends a version of an agent and makes it live, in one step.

  KEYS[1] the customer's agents: <id> = its record (JSON); <id>:live, the
          number of its live version; <id>:definition, that version's;
          <id>:promoted, when (ms); <id>:numbers, those it takes while it is
          on; <id>:layout
  KEYS[2] the agent's versions: number = version (JSON)

  ARGV[1] id  [2] the version that is live, '0' = there is no such agent yet
  ARGV[3] the version  [4] its definition  [5] its numbers, with spaces between
  ARGV[6] now, ms  [7] the record of an agent that is new, or ''
  ARGV[8] agents at most  [9] an id of this request, which the version has
  ARGV[10] the layout of an agent that is new, or ''

  Returns {what, live version}: OK; STALE (another version is live); GONE
    (there is no such agent); TAKEN (another agent has one of the
    numbers); FULL
  Guarantees: versions are never changed; a number belongs to one agent that is
  on at most; the same request never makes two.
]]
local call = redis.call
local id = ARGV[1]
local live = call('HGET', KEYS[1], id .. ':live') or '0'

if live ~= ARGV[2] then
    local is = call('HGET', KEYS[2], live)
    if is and string.find(is, '"request":"' .. ARGV[9] .. '"', 1, true) then
        return { 'OK', tonumber(live) }
    end
    return { 'STALE', tonumber(live) }
end

local record = call('HGET', KEYS[1], id)
if live ~= '0' and not record then
    return { 'GONE', 0 }
end
record = record or ARGV[7]
local on = cjson.decode(record).is_active

if on or live == '0' then
    local count, mine = 0, {}
    for number in string.gmatch(ARGV[5], '%S+') do
        mine[number] = true
    end
    local all = call('HGETALL', KEYS[1])
    for i = 1, #all, 2 do
        local whose = string.match(all[i], '^(.*):numbers$')
        if whose and whose ~= id and on then
            for number in string.gmatch(all[i + 1], '%S+') do
                if mine[number] then
                    return { 'TAKEN', tonumber(live) }
                end
            end
        end
        if string.find(all[i], '^[^:]+$') then
            count = count + 1
        end
    end
    if live == '0' and count >= tonumber(ARGV[8]) then
        return { 'FULL', 0 }
    end
end

local n = string.format('%d', live + 1)
call('HSET', KEYS[2], n, ARGV[3])
call('HSET', KEYS[1], id, record, id .. ':live', n, id .. ':definition',
     ARGV[4], id .. ':promoted', ARGV[6])
if on then
    call('HSET', KEYS[1], id .. ':numbers', ARGV[5])
end
if ARGV[10] ~= '' then
    call('HSET', KEYS[1], id .. ':layout', ARGV[10])
end
return { 'OK', live + 1 }

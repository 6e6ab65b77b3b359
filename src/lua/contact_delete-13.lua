#!lua flags=allow-oom
--[[
  Erases a contact: its number, transcripts, records and all that waits. What
  stays is the opt-out with its history, under the thread's id, a hash; and how
  many messages there were, so that none stands in another's place.

  KEYS[1..12]  the pair's (inc/pair.lua)
  KEYS[13]     ct:<customer>
  KEYS[14..]   d:, e: and a:<endpoint> of each endpoint of the customer, then
               the lane of each, those of inactive ones too (with a mask of 0)

  ARGV[1..6]   the pair's
  ARGV[7]      how many endpoints
  ARGV[8]      '1' = sandbox: nothing is written
  ARGV[9]      other numbers of its own, with spaces between, that are off the
               customer's list already                    ARGV[10..]  masks

  Returns {what, now, other numbers that are its own, leased, told}; what:
    DELETED, NONE (no such contact), OTHERS (nothing was done: it has these,
    which are to be taken off that list first)
  Guarantees: an open window ends first, and that is told: of all events that
  wait, this one alone stays, and nothing is kept of what becomes of it; an
  attempt under way is neither repeated nor recorded; a report that comes later
  brings nothing back.
]]
--#include clock lanes items templates push pair events window status

local n = tonumber(ARGV[7])
local x = pair(13 + 3 * n, 9)
local t = x.t
if not t.n or t.cu ~= x.customer then
    return { 'NONE', x.now, '', {}, {} }
end
if ARGV[8] == '1' then
    return { 'DELETED', x.now, '', {}, {} }
end

if (t.wa or '') ~= ARGV[9] then
    return { 'OTHERS', x.now, t.wa or '', {}, {} }
end

local ids = { t.c }
local records = call('HGETALL', KEYS[7])
for i = 1, #records, 2 do
    if match(records[i + 1], '^%u[%u_]* %d+ %d+ %d+ %u') then
        ids[#ids + 1] = records[i]
    end
end

if t.bu then
    x.freed = call('LLEN', KEYS[#KEYS])
    drop(x, 'bu')
    unset(x, 'h')
end
lapse(x)
if t.c then
    finish(x, 'EXPLICIT', x.ms)
end

for _, lane in ipairs({ KEYS[8], KEYS[9], KEYS[10] }) do
    idle(x, sub(lane, x.tag))
end

-- out of d: or e:
local function erase(key)
    local all, found = call('LRANGE', key, 0, -1), false
    for i = 2, #all, 2 do
        if find(all[i], x.thread, 1, true) then
            call('LSET', key, i - 2, '')
            call('LSET', key, i - 1, '')
            found = true
        end
    end
    if found then
        call('LREM', key, 0, '')
    end
end

for i, hook in ipairs(x.hooks) do
    local member = sub(hook.key, x.tag)
    local owner, _, flight = state(x, member)
    local items, attempts = hook.items, KEYS[13 + 3 * i]
    hook.items = nil
    erase(KEYS[11 + 3 * i])
    erase(KEYS[12 + 3 * i])
    if items then
        call('HSET', attempts, match(items[1], '^%S+'), '-')
        call('PEXPIRE', attempts, x.keep)
    end
    local waiting = call('LRANGE', hook.key, 0, -1)
    for k, item in ipairs(waiting) do
        waiting[k] = match(item, '^%S+')
    end
    for k = 1, #waiting, 4000 do
        call('HDEL', attempts, unpack(waiting, k,
                                      math.min(k + 3999, #waiting)))
    end
    if not items then
        idle(x, member)
        hook.gone = true
    else
        -- its deliverer is given them next; nothing overtakes
        call('RPUSH', hook.key, unpack(items))
        if #waiting > 0 then
            call('LTRIM', hook.key, #waiting, -1)
        end
        if not owner or owner == '-' or flight == '-'
           or tonumber(call('ZSCORE', x.lanes, member)) <= x.now
        then
            idle(x, member)
            leave(x, member, 0, x.now, x.customer)
        end
    end
end

for i = 1, #ids, 1000 do
    call('ZREM', KEYS[12], unpack(ids, i, math.min(i + 999, #ids)))
end
call('ZREM', KEYS[13], t.n)
local places = format('%d', (t.mb or 0) + call('LLEN', KEYS[6]))
for field in pairs(t) do
    if field ~= 'cu' and field ~= 'out' then
        drop(x, field)
    end
end
x.n = 2
set(x, 'mb', places)
save(x)
for _, hook in ipairs(x.hooks) do
    if hook.gone then
        call('DEL', hook.key)
    end
end
call('DEL', KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10])
return { 'DELETED', x.now, '', x.leased, x.told }

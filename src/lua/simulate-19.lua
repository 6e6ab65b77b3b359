#!lua
--[[
  What a conversation would be: the transitions themselves, one after another,
  on keys that no other script is given and by a clock that the steps move.
  Carriers take at once what is sent to them, endpoints what they are told.

  KEYS[1..19]  as inbound's, of a partition that no node sweeps
  KEYS[20..]   the lane of each active endpoint of the customer, and what the
               pair's scripts have behind these

  ARGV[1..6]   the pair's; the clock begins at ARGV[1], where nothing is told
  ARGV[7]      the agent, as inbound's
  ARGV[8]      its ping's text, a JSON string or ''
  ARGV[9]      its confirmation, a JSON string or ''
  ARGV[10]     a fresh UUIDv7 of the thread, of which the pings' ids are made
  ARGV[11..]   masks, then the steps, each its name, how many arguments follow,
               and these: "wait" and ms; inbound, send, message and what they
               are given from ARGV[7] on, without masks. An inbound's agent may
               be '!', another one.

  Returns {{step, did, at, outcome, '1' = the agent's conversation,
    trigger, {transcript entry...}, {{item...} of each endpoint}}...}, or
    {'OTHER', step}: that one would be the other agent's, or {'LARGE', step}:
    endpoints were told 1 MiB by then. step counts from 0;
    did: inbound, reply, start, wait, ping, expiring, burst_end, expired.
  Guarantees: nothing is there behind it, nobody sees anything of it, no
  replica and no file hears of it.
]]
local KEYS, ARGV = KEYS, ARGV
--#include clock lanes items templates push pair events window status consent
--#include cancel carrier
local run = {}
--#transitions inbound send message ping expiring quiet expire carrier_ack

local keys, args = KEYS, ARGV
local hooks = #keys - 21
local agent, own = sub(args[7], 1, 36), {
    inbound = { 13, 14, 15, 16, 17, 18, 19 }, send = { 14 },
    message = { 14, 16 }, ping = { 14 },
}
local deadlines = {
    p = { 'ping', 'ping' }, x = { 'expiring', 'expiring' },
    h = { 'quiet', 'burst_end' }, w = { 'expire', 'expired' },
}
local now = clock(args[1])
local serial, told, room = 0, 0, 1048576
local done = {}

-- one transition, as its caller would have it run
local function go(name, given, first)
    serial = serial + 1
    local k, a = {}, {
        format('%d', now), args[2], '0', args[4], args[5],
        sub(args[6], 1, 28) .. format('%04x', serial) .. '0000',
    }
    for i = 1, 12 do
        k[i] = keys[i]
    end
    for _, place in ipairs(first or own[name] or {}) do
        k[#k + 1] = keys[place]
    end
    for i = 20, #keys do
        k[#k + 1] = keys[i]
    end
    for _, arg in ipairs(given) do
        a[#a + 1] = arg
    end
    for i = 1, hooks do
        a[#a + 1] = args[10 + i]
    end
    KEYS, ARGV = k, a
    return run[name]()
end

local function is(field)
    return call('HGET', keys[5], field)
end

local function ours()
    return sub(is('ag') or '', 1, 36) == agent
end

-- what waits for carriers and endpoints leaves; returns what the latter got
local function deliver()
    for lane = 8, 10 do
        for _, item in ipairs(call('LRANGE', keys[lane], 0, -1)) do
            go('carrier_ack', { match(item, '^%S+'), '0' }, { lane, 18 })
        end
    end
    local got = {}
    for i = 1, hooks do
        got[i] = call('LRANGE', keys[19 + i], 0, -1)
        for _, item in ipairs(got[i]) do
            room = room - #item
        end
        call('DEL', keys[19 + i])
    end
    call('DEL', keys[1], keys[2])
    return got
end

local function enter(step, did, outcome, mine)
    local got, base = deliver(), tonumber(is('mb') or 0)
    local entries = call('LRANGE', keys[6], math.max(told - base, 0), -1)
    told = base + call('LLEN', keys[6])
    done[#done + 1] = {
        step, did, now, outcome, (mine or ours()) and '1' or '0',
        is('tr') or '', entries, got,
    }
end

-- the deadlines that come until then, in order of time
local function pass(step, till)
    for _ = 1, 1000 do
        local next = call('ZRANGE', keys[3], 0, 0, 'WITHSCORES')
        if not next[1] or tonumber(next[2]) > till or room < 0 then
            break
        end
        now = math.max(now, tonumber(next[2]))
        local due, given, mine = deadlines[sub(next[1], 1, 1)], {}, ours()
        if due[1] == 'ping' then
            given = {
                is('c') or '-',
                sub(args[10], 1, 32) .. format('%04x', serial), args[8],
            }
        end
        local what = go(due[1], given)[1]
        if what ~= 'GONE' and what ~= 'EARLY' then
            enter(step, due[2], '', mine)
        end
    end
    now = till
end

-- what the script asks for is known
local function inbound(given)
    local answer = go('inbound', given)
    if answer[1] == 'ASK' then
        given[21] = answer[3]
        if answer[4] == '' then
            given[20] = args[7]
        elseif args[9] ~= '' then
            given[14] = args[9]
        end
        answer = go('inbound', given)
    end
    call('DEL', keys[13])
    return answer
end

local function play()
    local place, step = 11 + hooks, 0
    while args[place] do
        local name, n = args[place], tonumber(args[place + 1])
        local given = { unpack(args, place + 2, place + 1 + n) }
        place = place + 2 + n
        if name == 'wait' then
            enter(step, 'wait', '')
            pass(step, now + given[1])
        else
            if step > 0 then
                pass(step, now + 100)
            end
            local mine, foreign = ours(), given[19] == '!'
            if name == 'inbound' then
                given[19] = foreign and '' or given[19]
                local what = inbound(given)[1]
                if foreign and what == 'OPENED' and not ours() then
                    return { 'OTHER', step }
                end
                enter(step, 'inbound', what, mine)
            else
                local did = name == 'send' and 'reply' or 'start'
                enter(step, did, go(name, given)[1], mine)
            end
        end
        if room < 0 then
            return { 'LARGE', step }
        end
        step = step + 1
    end
    return done
end

redis.set_repl(redis.REPL_NONE)
local fine, answer = pcall(play)
call('DEL', unpack(keys))
return fine and answer
    or redis.error_reply(type(answer) == 'table' and answer.err or answer)

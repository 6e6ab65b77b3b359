-- A lane is a list `q:<target>:<thread>`. While it holds anything, `lanes` has
-- one member for it (the list's name behind the tag), scored with the ms at
-- which it may next be claimed, and the hash `lane` one field:
-- "<owner> <attempts> <in flight> <doom> <customer>", `-` where there is none.
-- An item is "<event id> <type>[;trace] <body>"; on a carrier's lane
-- "<message> <ends>[;trace] <kind> <conversation> <from> <to> <text>", kind
-- F(reeform) or C (confirmation or help, which an opt-out does not cancel).

local function state(x, member)
    local s = call('HGET', x.lane, member)
    if s then
        return match(s, '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
    end
end

local function keep(x, member, owner, attempts, flight, doom, customer)
    call('HSET', x.lane, member, owner .. ' ' .. attempts .. ' ' .. flight
         .. ' ' .. doom .. ' ' .. customer)
end

-- an attempt at the item is granted to the caller
local function grant(x, member, id, attempts, customer)
    call('ZADD', x.lanes, x.now + x.lease, member)
    keep(x, member, x.owner, attempts, id, '-', customer)
end

-- nobody's, to be claimed from then on
local function leave(x, member, attempts, at, customer)
    call('ZADD', x.lanes, at, member)
    keep(x, member, '-', attempts, '-', '-', customer)
end

local function idle(x, member)
    call('ZREM', x.lanes, member)
    call('HDEL', x.lane, member)
end

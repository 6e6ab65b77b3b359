#!lua flags=no-writes
--[[
  What agents of a customer did, as far as a partition knows.

  KEYS[1]  st:<customer> (inc/stats.lua)  KEYS[2]  live:<customer>
  ARGV[1]  now or ''     ARGV[2]  level: m, h or d
  ARGV[3]  ms of a bucket, whole slots of that level
  ARGV[4]  how many buckets, the last one has now in it
  ARGV[5]  '1' = each bucket, '0' = the messages of all as one
  ARGV[6]  ms since its last message for which a conversation is active
  ARGV[7..] agents

  Returns {now, {open, active, start, inbound, outbound, opened, EXPIRED,
    EXPLICIT, COMPLIANCE_STOP, starters, start...}, {of the next agent}...};
    start: of the bucket, in ms, or 0; those without anything are left out.
]]
--#include clock

local now, bucket = clock(ARGV[1]), tonumber(ARGV[3])
local from = now - now % bucket - (ARGV[4] - 1) * bucket
local kinds = ARGV[5] == '1' and 7 or 2
local width, places = 60000, 60
if ARGV[2] ~= 'm' then
    width = ARGV[2] == 'h' and 1800000 or 21600000
    places = ARGV[2] == 'h' and 48 or 120
end

-- those of agent n that are open and had a message then or later
local function open(n, ms)
    return call('ZCOUNT', KEYS[2], format('%d', ms - n * 4398046511104),
                format('(%d', (1 - n) * 4398046511104))
end

-- what a slot counted, into its bucket
local function add(of, buckets, what, is)
    local start = floor(is / 67108864) * width
    if start < from or start > now then
        return
    end
    start = kinds == 7 and start - start % bucket or 0
    local k = buckets[start]
    if not k then
        k = #of + 1
        buckets[start] = k
        of[k] = start
        for i = 1, 7 do
            of[k + i] = 0
        end
    end
    of[k + what] = of[k + what] + is % 67108864
end

local answer = { now }
for i, n in ipairs(call('HMGET', KEYS[1], unpack(ARGV, 7))) do
    local of, buckets = { 0, 0 }, {}
    if n then
        of[1], of[2] = open(n, 0), open(n, now - ARGV[6])
        for what = 1, kinds do
            local get = {}
            for at = from, now, width do
                get[#get + 1] = n .. ARGV[2] .. what .. ':'
                    .. at / width % places
            end
            for _, is in ipairs(call('HMGET', KEYS[1], unpack(get))) do
                if is then
                    add(of, buckets, what, is)
                end
            end
        end
    end
    answer[i + 1] = of
end
return answer

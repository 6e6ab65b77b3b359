#!lua
--[[
  Begins a request that has an Idempotency-Key.
  KEYS[1] sc:idem:<customer>:<key>
  ARGV[1] now or ''  [2] a fresh UUID: the id of what the request will make
  ARGV[3] ms it may run  [4] ms to remember it
  Returns {"NEW", id} or {"AGAIN", id} (run, with that id; AGAIN: who began it
    died, and may have done it), {"BUSY"} or {"DONE", status, body}.
  Guarantees: one at a time; the id is stored before the work.
]]
--#include clock

local now = clock(ARGV[1])
local is = call('HMGET', KEYS[1], 'id', 'lock', 's', 'b')
if is[3] then
    return { 'DONE', tonumber(is[3]), is[4] }
end
if is[1] and is[2] and tonumber(is[2]) > now then
    return { 'BUSY' }
end
if is[1] then
    call('HSET', KEYS[1], 'lock', now + ARGV[3])
    return { 'AGAIN', is[1] }
end
call('HSET', KEYS[1], 'id', ARGV[2], 'lock', now + ARGV[3])
call('PEXPIRE', KEYS[1], ARGV[4])
return { 'NEW', ARGV[2] }

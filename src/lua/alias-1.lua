#!lua
--[[
  Another number by which a carrier knows a contact.
  KEYS[1] t:<thread>
  ARGV[1] that number  [2] how many of them are remembered
  Returns {NEW, KNOWN or GONE (there is no such contact), when the contact
    opted out, ms, or '', the number that is not remembered any more or ''}.
]]
local call = redis.call
local t = call('HMGET', KEYS[1], 'n', 'wa', 'out')
if not t[1] then
    return { 'GONE', '', '' }
end
local all = {}
for number in string.gmatch(t[2] or '', '%S+') do
    if number == ARGV[1] then
        return { 'KNOWN', t[3] or '', '' }
    end
    all[#all + 1] = number
end
local oldest = #all >= tonumber(ARGV[2]) and table.remove(all, 1) or ''
all[#all + 1] = ARGV[1]
call('HSET', KEYS[1], 'wa', table.concat(all, ' '))
return { 'NEW', t[3] or '', oldest }

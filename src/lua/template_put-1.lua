#!lua
--[[
  Registers a template; names are unique within a customer.
  KEYS[1] the customer's templates
  ARGV[1] id  [2] the template as JSON  [3] its name  [4] how many at most
  Returns OK, NAME (another has it) or FULL.
]]
local call = redis.call
local all = call('HGETALL', KEYS[1])
local known = false
for i = 1, #all, 2 do
    if all[i] == ARGV[1] then
        known = true
    elseif cjson.decode(all[i + 1]).name == ARGV[3] then
        return 'NAME'
    end
end
if not known and #all / 2 >= tonumber(ARGV[4]) then
    return 'FULL'
end
call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 'OK'

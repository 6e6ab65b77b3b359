#!lua flags=allow-oom
--[[
  Writes, so that a WAIT behind it covers all that was written before it, over
  whichever connection: of a client that wrote nothing, WAIT may ask nothing.
  KEYS[1] wait
  Returns 1.
]]
redis.call('SET', KEYS[1], '1', 'PX', 60000)
return 1

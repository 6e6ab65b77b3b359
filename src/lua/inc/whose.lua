-- What events say of the agent of a conversation, and who hears of it.

-- freeform, of a conversation of the agent "<agent> <version>", or nil
local function freeform_of(agent)
    return agent and '"template_id":null,"template_name":null,"agent_id":"'
        .. sub(agent, 1, 36) .. '"' or freeform
end

-- "agent_id" and "agent_version" by "<agent> <version>" or nil
local function agent_of(agent)
    return agent and '"agent_id":"' .. sub(agent, 1, 36)
        .. '","agent_version":' .. sub(agent, 38)
        or nobody
end

-- does the endpoint of that lane hear of a conversation whose agent tells
-- these alone (ids with commas between, or nil: all)?
local function hears(key, only)
    return not only or find(only, sub(key, -73, -38), 1, true)
end

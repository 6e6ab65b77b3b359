-- Messages of templates, by their words.

-- for which agent a template was sent, by its word; or nil
local function sent_for(word)
    return match(word, '^template/[^/]+/[^/]+/(%S+)$')
        or match(word, '^T/[^/]+/[^/]+/[^/]*/(%S+)$')
end

-- The template of a message, by the word that its transcript entry or its
-- carrier's item has: "template/<id>/<name>", "T/<id>/<name>/<payload>", and
-- "/<agent>" behind it where it was sent for one.
local function template_of(word)
    local id, name = match(word, '^%a+/([^/]+)/([^/]+)')
    local agent = sent_for(word)
    return id and '"template_id":"' .. id .. '","template_name":"' .. name
        .. '","agent_id":' .. (agent and '"' .. agent .. '"' or 'null')
        or freeform
end

-- A pair's events: gathered by endpoint, pushed by send() (inc/pair.lua).
--#include whose

local function stamp_now(x)
    local is = x.stamp
    if not is then
        is = stamp(x.now)
        x.stamp = is
    end
    return is
end

local function event_id(x)
    x.events = x.events + 1
    return 'evt_' .. sub(ARGV[6], 1, 32) .. format('%04x', x.events)
end

-- to every endpoint whose mask has the bit; only: of those it names
local function fan(x, bits, item, only)
    for _, hook in ipairs(x.hooks) do
        if band(hook.mask, bits) ~= 0 and hears(hook.key, only) then
            local items = hook.items
            if items then
                items[#items + 1] = item
            else
                hook.items = { item }
            end
        end
    end
end

local function report(x, bits, type, status, msg, conv, channel, from, to,
                      text, template, error, trail)
    if band(x.want, bits) ~= 0 then
        fan(x, bits, message_item(event_id(x), stamp_now(x), x.customer,
                                  x.thread, type, status, msg, conv, channel,
                                  from, to, text,
                                  template or freeform_of(conv == x.t.c
                                                          and x.t.ag or nil),
                                  error or 'null', trail))
    end
end

-- the open conversation's event; it counts whether anybody takes it or not
local function tell(x, bits, type, id, channel, number, more)
    local t = x.t
    t.sq = format('%d', t.sq + 1)
    if band(x.want, bits) ~= 0 then
        fan(x, bits, conversation_item(id or event_id(x), stamp_now(x),
                                       x.customer, x.thread, type, t.c, t.ci,
                                       t.n, channel, number, t.sq,
                                       agent_of(t.ag), more), t.ah)
    end
end

local function exchanged(x, msg, direction, channel, number, text, status, at)
    tell(x, 2, 'message_exchanged', nil, channel, number,
         exchange(msg, direction, text, status, at))
    set(x, 'sq', x.t.sq)
end

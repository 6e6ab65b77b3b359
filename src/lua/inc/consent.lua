-- Consent of a pair: out or in, and what is kept of it for ever.

-- a change, onto the history: "<at> <change> <source> <channel> <message>
-- <key>", '-' where there is none
local function changed(x, history, at, change, source, channel, msg, by)
    call('RPUSH', history, at .. ' ' .. change .. ' ' .. source .. ' '
         .. channel .. ' ' .. msg .. ' ' .. by)
    set(x, 'up', x.ms)
    tally(x, change .. ' ' .. source)
end

-- An opt-out always takes effect, whenever it was written; true where the
-- contact was in. Ends the window.
local function opt_out(x, history, at, source, channel, msg, by)
    local t, first = x.t, not x.t.out
    if first then
        changed(x, history, at, 'OPT_OUT', source, channel, msg, by)
    end
    if first or tonumber(at) > tonumber(t.out) then
        set(x, 'out', at)
    end
    if t.c then
        finish(x, 'COMPLIANCE_STOP', x.ms)
    end
    return first
end

-- an opt-in does where it was written after the recorded opt-out
local function opt_in(x, history, at, source, channel, msg, by)
    if x.t.out and tonumber(at) > tonumber(x.t.out) then
        drop(x, 'out')
        changed(x, history, at, 'OPT_IN', source, channel, msg, by)
        return true
    end
end

-- What became of an endpoint's events.  An event is in one place: on its lane;
-- once received, in the list e:<endpoint>; once given up, in d:<endpoint>.
-- Both are in the order of these moments and have two elements for an event:
-- "<ms>\n<attempt>\n<attempt>...", and its item.
-- An attempt: "<number> <ms of its end> <ms it took> <HTTP status or 0>
-- <error, JSON>\t<how the answer begins, JSON; '=' is as before>"; one that
-- took '-' is none, but why the event was given up, and its number is 0.
-- While it is on its lane, the hash a:<endpoint> has by its id what there was
-- before, "<thread>\n<attempt>\n...", or '-': nothing of it is to be kept.

-- The attempts of an event with this one, from the ms that it took on; past is
-- its field of a: or false, failed how many of this round failed before.  nil:
-- not to be kept.  Of more than twenty the first ones and the last are.
local function told(past, failed, ms, outcome)
    local made = sub(outcome, 1, 1) ~= '-'
    if past == '-' then
        return nil
    elseif not past then
        return (made and format('%d', failed + 1) or '0') .. ' ' .. ms .. ' '
            .. outcome
    end
    past = sub(past, 38)
    local last = match(past, '[^\n]*$')
    local number = made and format('%d', match(last, '^%d+') + 1) or '0'
    local _, ends = string.gsub(past, '\n', '')
    if ends >= 19 then
        past = sub(past, 1, -#last - 2)
    end
    local head, answer = match(outcome, '^([^\t]*\t)(.*)$')
    if answer == match(past, '^.*\t([^=\n][^\n]*)') then
        outcome = head .. '='
    end
    return past .. '\n' .. number .. ' ' .. ms .. ' ' .. outcome
end

-- Onto the end of such a list. The oldest go where they are too many; unless
-- age is nil, those older than that go, too, and the list has so long to live.
local function enter(x, key, record, item, most, age, life)
    local n = call('RPUSH', key, record, item)
    if n > 2 * most then
        call('LTRIM', key, -2 * (most - floor(most / 4)), -1)
    end
    if not age then
        return
    end
    call('PEXPIRE', key, life)
    local old, gone = format('%d', x.now - age), 0
    while match(call('LINDEX', key, gone), '^%d+') < old do
        gone = gone + 2
    end
    if gone > 0 then
        call('LPOP', key, gone)
    end
end

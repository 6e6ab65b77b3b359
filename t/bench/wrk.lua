-- The load of `make bench` for wrk: one POST after another to the same path,
-- each with the next line of a file as its body.  Environment: BODIES = the
-- file, KEY = the API key.

local bodies, headers, at = {}, {}, 0

for line in io.lines(os.getenv("BODIES")) do
    bodies[#bodies + 1] = line
end

function init(args)
    math.randomseed(os.time())
    at = math.random(#bodies)
    headers["Content-Type"] = "application/json"
    headers["x-api-key"] = os.getenv("KEY")
end

function request()
    at = at % #bodies + 1
    return wrk.format("POST", nil, headers, bodies[at])
end

local bad = 0

function response(status)
    if status >= 300 then
        bad = bad + 1
        if bad == 1 then
            io.stderr:write("status ", status, "\n")
        end
    end
end

function done(summary)
    io.write("requests ", summary.requests, " microseconds ",
             summary.duration, " bad ", summary.errors.status, "\n")
end

-- Each request asks for an address of its own, so that no answer kept before fits.
local run, number = os.time(), 0
request = function()
    number = number + 1
    return wrk.format("GET", wrk.path .. "?request=" .. run .. "-" .. number)
end

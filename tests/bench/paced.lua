-- Readers who take their time: about 1,000 requests a second of ten connections.
delay = function()
    return math.random(5, 15)
end

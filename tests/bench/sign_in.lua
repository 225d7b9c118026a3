-- People who sign in again and again: after -- a cookie, then the form of each as it is sent, all but its key.
local forms, headers, run, number = {}, {}, os.time(), 0
init = function(args)
    headers["Cookie"] = args[1]
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    for i = 2, #args do
        forms[#forms + 1] = args[i]
    end
end
request = function()
    number = number + 1
    local form = forms[number % #forms + 1]
    return wrk.format("POST", wrk.path, headers, form .. "&portico_key=" .. run .. "-" .. number)
end

-- Times as Okta writes them: 2024-01-15T09:30:00.000Z.
local timestamp = require "ddokta.sandbox.timestamp"

--- Seconds of the epoch as text.
return function(seconds)
  local whole = math.floor(seconds)
  return timestamp.date_and_time(whole) .. (".%03dZ"):format(math.floor((seconds - whole) * 1000))
end

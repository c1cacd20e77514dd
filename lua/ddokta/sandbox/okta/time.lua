-- Times as Okta writes them: 2024-01-15T09:30:00.000Z.
--- Seconds of the epoch as text.
return function(seconds)
  local whole = math.floor(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%S", whole) .. (".%03dZ"):format(math.floor((seconds - whole) * 1000))
end

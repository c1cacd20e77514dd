--- Times as Datadog writes them (2024-01-15T09:30:00.000000+00:00) and as RFC 3339 lets a client write
--- them.
local timestamp = {}

local DAY = 86400

-- days since 1970 of a date of the Gregorian calendar; years begin in March, so that a leap day is last
local function days(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local leaps = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return year * 365 + leaps + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

-- the other way: year, month, day
local function date(since_1970)
  local year = 1970 + math.floor(since_1970 / 365.2425)
  if days(year + 1, 1, 1) <= since_1970 then year = year + 1 end
  if days(year, 1, 1) > since_1970 then year = year - 1 end
  local month = 12
  while days(year, month, 1) > since_1970 do
    month = month - 1
  end
  return year, month, since_1970 - days(year, month, 1) + 1
end

-- The day that was asked for last, as text: a list has thousands of times of one day.
local last_day, last_date

local function date_of(day)
  if day ~= last_day then
    last_day, last_date = day, ("%04d-%02d-%02d"):format(date(day))
  end
  return last_date
end

--- Whole seconds since 1970 as 2024-01-15T09:30:00, in UTC. os.date cannot: where time_t has 32 bits it
--- raises after 2038.
function timestamp.date_and_time(seconds)
  local day, rest = math.floor(seconds / DAY), seconds % DAY
  return ("%sT%02d:%02d:%02d"):format(
    date_of(day),
    math.floor(rest / 3600),
    math.floor(rest / 60) % 60,
    rest % 60
  )
end

--- Seconds since 1970 as text.
function timestamp.format(seconds)
  local whole = math.floor(seconds)
  return timestamp.date_and_time(whole) .. (".%06d+00:00"):format(math.floor((seconds - whole) * 1e6))
end

local function offset(zone)
  if zone == "Z" or zone == "z" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):(%d%d)$")
  if not sign then return nil end
  return (tonumber(hours) * 60 + tonumber(minutes)) * 60 * (sign == "-" and -1 or 1)
end

--- Seconds since 1970 of an RFC 3339 time, or nil when the text is none.
function timestamp.parse(text)
  local year, month, day, hour, minute, second, rest =
    text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(.*)$")
  if not year then return nil end
  local fraction, zone = rest:match("^(%.%d+)(.+)$")
  local east = offset(zone or rest)
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if not east or month < 1 or month > 12 or day < 1 then return nil end
  if hour > 23 or minute > 59 or second > 60 then return nil end
  local first = days(year, month, 1)
  local length = (month == 12 and days(year + 1, 1, 1) or days(year, month + 1, 1)) - first
  if day > length then return nil end
  local seconds = hour * 3600 + minute * 60 + second + tonumber("0" .. (fraction or ""))
  return (first + day - 1) * DAY + seconds - east
end

return timestamp

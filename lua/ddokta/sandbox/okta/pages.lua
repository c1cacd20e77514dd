-- Lists in pages: `limit` and `after` in, the records of one page and Link headers out. Records have a
-- `serial` that grows; the cursor is the serial of the last one seen, so that a record that is removed
-- between two pages moves nothing.
local answers = require "ddokta.sandbox.answers"
local errors = require "ddokta.sandbox.okta.errors"
local json = require "ddokta.sandbox.json"
local router = require "ddokta.sandbox.router"

local pages = {}

--- What a link of an answer begins with: the scheme and host that the client used.
function pages.base(request, state)
  if state.settings.okta_url ~= "" then return state.settings.okta_url end
  return ("%s://%s"):format(request.scheme or "https", request.headers["host"] or "127.0.0.1")
end

--- A link object.
function pages.link(request, state, path) return { href = pages.base(request, state) .. path } end

--- The names and values of a request's query.
function pages.query(request) return router.query(request.query) end

--- The limit that a query asks for, or nil and the answer that refuses it. rule: see `answer`.
function pages.limit(query, rule)
  if query.limit == nil then return rule.default end
  local limit = tonumber(query.limit:match("^%d+$") or "")
  if not limit or limit < (rule.least or 1) or limit > (rule.most or math.huge) then
    return nil,
      errors.invalid(
        "limit",
        rule.most and ("limit: must be from %d to %d"):format(rule.least or 1, rule.most)
          or "limit: must be at least 1"
      )
  end
  return limit
end

local function cursor_of(query)
  if query.after == nil then return 0 end
  local serial = tonumber(query.after:match("^c(%x+)$") or "", 16)
  if not serial then return nil, errors.invalid("after", "after: is not a cursor of this list") end
  return serial
end

-- the query with another cursor: what else was asked stays as it was sent
local function next_query(request, limit, serial)
  local parts = {}
  for part in (request.query or ""):gmatch("[^&]+") do
    local name = part:match("^[^=]*")
    if name ~= "after" and name ~= "limit" then parts[#parts + 1] = part end
  end
  table.insert(parts, 1, ("after=c%x&limit=%d"):format(serial, limit))
  return table.concat(parts, "&")
end

local function links(request, state, limit, last)
  local here = pages.base(request, state) .. request.path
  local self = ('<%s%s>; rel="self"'):format(here, request.query and "?" .. request.query or "")
  if not last then return self end
  return { self, ('<%s?%s>; rel="next"'):format(here, next_query(request, limit, last)) }
end

-- the place of the first record after a serial
local function first_after(records, serial)
  local low, high = 1, #records + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if records[middle].serial > serial then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

--- The answer for a list. records: all, in the order of their serials; rule: {default =, most =,
--- least =} of `limit`; describe(request, state, record).
function pages.answer(request, state, records, rule, describe)
  local query = pages.query(request)
  local limit, cursor, refusal
  limit, refusal = pages.limit(query, rule)
  if not limit then return refusal end
  cursor, refusal = cursor_of(query)
  if not cursor then return refusal end
  local first = first_after(records, cursor)
  local last = math.min(#records, first + limit - 1)
  local list = json.array()
  for i = first, last do
    list[#list + 1] = describe(request, state, records[i])
  end
  local answer = answers.json(200, list)
  answer.headers["Link"] = links(request, state, limit, last < #records and records[last].serial or nil)
  return answer
end

return pages

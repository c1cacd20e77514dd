--- Datadog's lists: page[number] from 0, page[size], sort and filter, and the records that they mean.
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"
local router = require "ddokta.sandbox.router"
local timestamp = require "ddokta.sandbox.timestamp"

local lists = {}

local DEFAULT_SIZE, LARGEST_SIZE = 10, 100

--- The query of a request: name -> list of values, in which commas separate as well.
---@return table<string, string[]>
function lists.query(request)
  local query = {}
  for name, value in router.pairs(request.query) do
    query[name] = query[name] or {}
    for item in value:gmatch "[^,]+" do
      table.insert(query[name], item)
    end
  end
  return query
end

local function whole_number(query, name, default, least)
  local text = query[name] and query[name][1]
  if not text then return default end
  local number = text:match("^%d+$") and tonumber(text)
  return number and number >= least and number
end

-- A size over the largest is cut to it: that the service does so is assumed, not recorded.
local function page_of(query)
  local number = whole_number(query, "page[number]", 0, 0)
  local size = whole_number(query, "page[size]", DEFAULT_SIZE, 1)
  if not number then answers.fail(400, "page[number] must be a number from 0") end
  if not size then answers.fail(400, "page[size] must be a number from 1") end
  return { number = number, size = math.min(size, LARGEST_SIZE) }
end

local function field_of(name)
  return function(_, record) return record[name] end
end

-- what the query sorts by: a function(call, record), or nil; and is it downwards?
local function sorting_of(query, sorts)
  local text = query.sort and query.sort[1]
  if not text then return nil end
  local sign, name = text:match "^(%-?)(.*)$"
  local value_of = sorts and (sorts[name] or lists.among(sorts, name) and field_of(name))
  if not value_of then answers.fail(400, "cannot sort by %s", name) end
  local backwards = query.sort_dir and query.sort_dir[1] == "desc" or false
  return value_of, (sign == "-") ~= backwards
end

-- records with the same value keep their order
local function sorted(call, records, value_of, descending)
  if not value_of then return records end
  local places, values, list = {}, {}, {}
  for i, record in ipairs(records) do
    places[record], values[record], list[i] = i, value_of(call, record) or "", record
  end
  table.sort(list, function(one, other)
    local left, right = values[one], values[other]
    if left == right then return places[one] < places[other] end
    if descending then return left > right end
    return left < right
  end)
  return list
end

--- Is a part in one of a record's fields, in any case?
---@param part string in lower case
function lists.contains(record, fields, part)
  for _, field in ipairs(fields) do
    local text = record[field]
    if type(text) == "string" and text:lower():find(part, 1, true) then return true end
  end
  return false
end

--- The text that a name of the query has, in lower case and with its commas; or nil.
function lists.word(query, name) return query[name] and table.concat(query[name], ","):lower() end

--- Is a time between those that the query has for a name, name[start] and name[end]?
---@param at string
function lists.is_within(at, query, name)
  local from = query[name .. "[start]"] and timestamp.parse(query[name .. "[start]"][1])
  local to = query[name .. "[end]"] and timestamp.parse(query[name .. "[end]"][1])
  local time = timestamp.parse(at)
  return (not from or time >= from) and (not to or time <= to)
end

local function is_meant(call, record, query, options)
  for name, field in pairs(options.filters or {}) do
    if query[name] and not lists.among(query[name], tostring(record[field])) then return false end
  end
  local part = options.search and lists.word(query, "filter")
  if part and not lists.contains(record, options.search, part) then return false end
  return not options.where or options.where(call, record, query)
end

-- what decides which records are meant and in what order: the query without its page
local function selection_key(query)
  local parts = {}
  for name, values in pairs(query) do
    if not name:find "^page%[" then parts[#parts + 1] = name .. "=" .. table.concat(values, ",") end
  end
  table.sort(parts)
  return table.concat(parts, "&")
end

-- The records that are meant, in order. Of a whole store the last selection is kept until the store
-- changes: a client reads page after page of a hundred thousand.
local function chosen_of(call, records, query, options)
  local value_of, descending = sorting_of(query, options.sorts)
  local function choose()
    local list = {}
    for _, record in ipairs(records) do
      if is_meant(call, record, query, options) then list[#list + 1] = record end
    end
    return sorted(call, list, value_of, descending)
  end
  if not options.kept then return choose() end
  local kept = call.state[options.kept]:derived("selection", function() return {} end)
  local key = selection_key(query)
  if kept.key ~= key then
    kept.key, kept.records = key, choose()
  end
  return kept.records
end

--- A page of records: {records, total, filtered, number, size}; or a refusal.
---@param call ddokta.sandbox.Call
---@param records table[]
---@param options table all of them optional:
---  search   fields, one of which must contain the query's `filter`
---  filters  a name of the query -> the field that must have one of its values
---  where    function(call, record, query): may the record be listed?
---  sorts    names of fields to sort by, or name -> function(call, record) that gives the value to sort by
---  kept     the store's name, where `records` are all of a store and the query alone decides which are
---           listed: then the last selection is kept for the next page
function lists.page(call, records, options)
  local query = lists.query(call.request)
  local page = page_of(query)
  local chosen = chosen_of(call, records, query, options)
  page.records, page.total, page.filtered = {}, #records, #chosen
  for i = page.number * page.size + 1, math.min((page.number + 1) * page.size, #chosen) do
    table.insert(page.records, chosen[i])
  end
  return page
end

-- --- how a list tells of its pages: each gives `meta` and `links` ---------------------------------

lists.paging = {}

function lists.paging.filtered(page) return { page = { total_filtered_count = page.filtered } } end

function lists.paging.counted(page)
  return { page = { total_count = page.total, total_filtered_count = page.filtered } }
end

local function last_of(page) return math.max(0, math.floor((page.filtered - 1) / page.size)) end

local function links_of(page, request)
  local last = last_of(page)
  local function at(number)
    return ("%s?page%%5Bnumber%%5D=%d&page%%5Bsize%%5D=%d"):format(request.path, number, page.size)
  end
  return {
    self = at(page.number),
    first = at(0),
    last = at(last),
    next = page.number < last and at(page.number + 1) or nil,
    prev = page.number > 0 and at(page.number - 1) or json.null(),
  }
end

--- By offset, as teams and memberships have it.
function lists.paging.offset(page, request)
  local offset = page.number * page.size
  local pagination = {
    type = "offset_limit",
    offset = offset,
    limit = page.size,
    total = page.filtered,
    first_offset = 0,
    prev_offset = math.max(0, offset - page.size),
    next_offset = offset + page.size,
    last_offset = last_of(page) * page.size,
  }
  return { pagination = pagination }, links_of(page, request)
end

--- All on one page, as notification rules have it.
function lists.paging.whole(page)
  return {
    page = {
      type = "offset_limit",
      offset = 0,
      limit = math.max(1, #page.records),
      total = #page.records,
      first_offset = 0,
      last_offset = 0,
      next_offset = json.null(),
      prev_offset = json.null(),
    },
  }
end

--- By number, as team connections have it.
function lists.paging.number(page)
  local last = last_of(page)
  return {
    page = {
      type = "number_size",
      number = page.number,
      size = page.size,
      total = page.filtered,
      first_number = 0,
      last_number = last,
      next_number = page.number < last and page.number + 1 or json.null(),
      prev_number = page.number > 0 and page.number - 1 or json.null(),
    },
  }
end

--- By number and with links, as hierarchy links have it.
function lists.paging.linked(page, request)
  local links = links_of(page, request)
  links.next = links.next or json.null()
  return lists.paging.number(page), links
end

--- What `describe(record)` makes of each record, as a JSON array.
function lists.map(records, describe)
  local list = json.array()
  for i, record in ipairs(records) do
    list[i] = describe(record)
  end
  return list
end

--- The resources of these records, each once: `each(record, add)` calls add(id, resource) for any number.
function lists.once(records, each)
  local list, seen = json.array(), {}
  local function add(id, make)
    if seen[id] then return end
    seen[id] = true
    list[#list + 1] = make()
  end
  for _, record in ipairs(records) do
    each(record, add)
  end
  return list
end

--- Is a value in a list? Yes when there is no list.
function lists.among(values, value)
  if not values then return true end
  for _, candidate in ipairs(values) do
    if candidate == value then return true end
  end
  return false
end

return lists

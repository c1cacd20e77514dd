-- Datadog's lists: page[number] from 0, page[size], sort and filter, and the records that they mean.
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"

local lists = {}

local DEFAULT_SIZE, LARGEST_SIZE = 10, 100

local function decoded(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- The query of a request: name -> list of values, in which commas separate as well.
function lists.query(request)
  local query = {}
  for pair in (request.query or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name = decoded(name)
    query[name] = query[name] or {}
    for item in decoded(value):gmatch("[^,]+") do
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
  if not number then return nil, answers.errors(400, "page[number] must be a number from 0") end
  if not size then return nil, answers.errors(400, "page[size] must be a number from 1") end
  return { number = number, size = math.min(size, LARGEST_SIZE) }
end

-- nil means all records
local function sorting_of(query, sorts)
  local text = query.sort and query.sort[1]
  if not text then return {} end
  local sign, name = text:match("^(%-?)(.*)$")
  local value_of = sorts and sorts[name]
  if not value_of then return nil, answers.errors(400, ("cannot sort by %s"):format(name)) end
  local backwards = query.sort_dir and query.sort_dir[1] == "desc" or false
  return { value_of = value_of, descending = (sign == "-") ~= backwards }
end

-- records with the same value keep their order
local function sorted(records, sorting)
  if not sorting.value_of then return records end
  local places, values, list = {}, {}, {}
  for i, record in ipairs(records) do
    places[record], values[record], list[i] = i, sorting.value_of(record) or "", record
  end
  table.sort(list, function(one, other)
    local left, right = values[one], values[other]
    if left == right then return places[one] < places[other] end
    if sorting.descending then return left > right end
    return left < right
  end)
  return list
end

local function contains(text, part) return type(text) == "string" and text:lower():find(part, 1, true) ~= nil end

-- does one of the fields contain the text of the query's `filter`?
local function found(record, fields, query)
  local part = query.filter and table.concat(query.filter, ","):lower()
  if not part or not fields then return true end
  for _, field in ipairs(fields) do
    if contains(record[field], part) then return true end
  end
  return false
end

local function selected(records, query, options)
  if not options.where and not query.filter then return records end
  local list = {}
  for _, record in ipairs(records) do
    if (not options.where or options.where(record, query)) and found(record, options.searched, query) then
      list[#list + 1] = record
    end
  end
  return list
end

-- what decides which records are meant and in what order: the query without its page
local function selection_key(query)
  local parts = {}
  for name, values in pairs(query) do
    if not name:find("^page%[") then parts[#parts + 1] = name .. "=" .. table.concat(values, ",") end
  end
  table.sort(parts)
  return table.concat(parts, "&")
end

-- The records that are meant, in order. Of a store the last selection is kept until the store changes:
-- a client reads page after page of a hundred thousand.
local function chosen_of(records, query, sorting, options)
  local function choose() return sorted(selected(records, query, options), sorting) end
  if not options.store then return choose() end
  local kept = options.store:derived("selection", function() return {} end)
  local key = selection_key(query)
  if kept.key ~= key then
    kept.key, kept.records = key, choose()
  end
  return kept.records
end

--- A page of records: {records, total, filtered, number, size}; or nil and the answer to give.
-- options: searched = fields in which `filter` is looked for; where = function(record, query);
-- sorts = name -> function(record); total = how many there are without filters, default #records;
--   store = the one that the records are all of, when nothing else decides what is selected
function lists.page(request, records, options)
  local query = lists.query(request)
  local page, refusal = page_of(query)
  if not page then return nil, refusal end
  local sorting
  sorting, refusal = sorting_of(query, options.sorts)
  if not sorting then return nil, refusal end
  local chosen = chosen_of(records, query, sorting, options)
  page.records, page.total, page.filtered = {}, options.total or #records, #chosen
  for i = page.number * page.size + 1, math.min((page.number + 1) * page.size, #chosen) do
    table.insert(page.records, chosen[i])
  end
  return page
end

--- Sorts by fields of the same name, for `page`.
function lists.sorts(...)
  local sorts = {}
  for _, name in ipairs { ... } do
    sorts[name] = function(record) return record[name] end
  end
  return sorts
end

--- What `describe(record)` makes of each record, as a JSON array.
function lists.map(records, describe)
  local list = json.array()
  for i, record in ipairs(records) do
    list[i] = describe(record)
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

-- What the kill test lets a client do: for each kind what is there before, and what the source asks for.
-- Everything comes from random(n) -> 1 to n, so that a seed tells it again.
local M = {}

local function shuffled(list, random)
  for i = #list, 2, -1 do
    local j = random(i)
    list[i], list[j] = list[j], list[i]
  end
  return list
end

-- of each thing that there is or shall be: stays, changes, goes or comes
local fates = { "stays", "changes", "changes", "goes", "comes", "comes" }

local function each_thing(random, make)
  local before, after = {}, {}
  for i = 1, 24 + random(24) do
    local fate = fates[random(#fates)]
    local old, new = make(i, fate)
    if fate ~= "comes" then before[#before + 1] = old end
    if fate ~= "goes" then after[#after + 1] = new end
  end
  return before, shuffled(after, random)
end

--- scene(random) -> rows of before, rows of the source
function M.okta_accounts(random)
  return each_thing(random, function(i, fate)
    local function account(client)
      return {
        name = ("account %d"):format(i),
        domain = ("https://a%d.okta.com/"):format(i),
        auth_method = "oauth",
        client_id = client,
        client_secret = fate == "comes" and random(2) == 1 and "secret" or nil,
      }
    end
    return account "old", account(fate == "changes" and "new" or fate == "comes" and "new" or "old")
  end)
end

function M.scim_users(random)
  return each_thing(random, function(i, fate)
    local function user(title)
      return {
        userName = ("user%d@example.com"):format(i),
        name = ("User %d"):format(i),
        title = title,
        active = true,
      }
    end
    return user "old", user((fate == "changes" or fate == "comes") and "new" or "old")
  end)
end

local PEOPLE = 8

--- The users of scim_groups, who are there before.
function M.people()
  local rows = {}
  for i = 1, PEOPLE do
    rows[i] = { userName = ("member%d@example.com"):format(i), active = true }
  end
  return rows
end

function M.scim_groups(random)
  return each_thing(random, function(i, fate)
    local first, second = random(PEOPLE), random(PEOPLE - 1)
    if second >= first then second = second + 1 end
    local function group(...)
      local members = {}
      for j, number in ipairs { ... } do
        members[j] = ("member%d@example.com"):format(number)
      end
      return { displayName = ("group %d"):format(i), members = members }
    end
    if fate == "changes" then return group(first), group(second) end
    return group(first), group(first)
  end)
end

return M

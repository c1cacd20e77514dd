--- The help of Neovim, doc/*.txt: the pages of doc/ and the reference, with a tag for each command, function,
--- method, option and type.
local markdown = require "doc.generate.markdown"
local rows = require "doc.generate.rows"
local text_of = require "ddokta.text"

local vimdoc = {}

local WIDTH = 78

local PAGES = {
  { path = "doc/neovim.md", tag = "ddokta-neovim" },
  { path = "doc/scripts.md", tag = "ddokta-scripts" },
  { path = "doc/errors.md", tag = "ddokta-errors" },
  { path = "doc/bulk.md", tag = "ddokta-bulk" },
  { path = "doc/recipes.md", tag = "ddokta-recipes" },
  { path = "doc/command.md", tag = "ddokta-command" },
  { path = "doc/sandbox.md", tag = "ddokta-sandbox" },
  { path = "doc/nginx.md", tag = "ddokta-nginx" },
}

-- types: what the names of a page's types begin with
local REFERENCE = {
  { path = "doc/reference/client.md", tag = "ddokta-lua", types = "ddokta." },
  { path = "doc/reference/tasks.md", tag = "ddokta-lua-tasks", types = "ddokta." },
  { path = "doc/reference/scim.md", tag = "ddokta-lua-scim", types = "ddokta.scim." },
  { path = "doc/reference/bulk.md", tag = "ddokta-lua-bulk", types = "ddokta.bulk." },
  { path = "doc/reference/recipes.md", tag = "ddokta-lua-recipes", types = "ddokta.recipes." },
}

local BOOKS = {
  { file = "ddokta.txt", title = "script Okta and Datadog", pages = PAGES },
  { file = "ddokta-lua.txt", title = "Functions and types", pages = REFERENCE },
  {
    file = "ddokta-datadog.txt",
    title = "Datadog's operations",
    pages = {
      { path = "doc/datadog.md", tag = "ddokta-datadog", service = "datadog", class = "ddokta.Datadog" },
    },
  },
  {
    file = "ddokta-okta.txt",
    title = "Okta's operations",
    pages = { { path = "doc/okta.md", tag = "ddokta-okta", service = "okta", class = "ddokta.Okta" } },
  },
}

-- --- tags -----------------------------------------------------------------------------------------

-- The iterator of an operation's pages: {list_teams = "each_team"}
local function iterators_of(service)
  local list = {}
  for _, row in ipairs(rows.of(service)) do
    list[row.name] = row.each and "each_" .. row.each
  end
  return list
end

-- The tags of a heading of an operation's or of a resource's page.
local function service_tags(page, heading)
  if heading.within == "Resources" then return { ("ddokta.%s.%s"):format(page.service, heading.text) } end
  local tags = { ("%s:%s()"):format(page.class, heading.text) }
  local iterator = page.iterators[heading.text]
  tags[2] = iterator and ("%s:%s()"):format(page.class, iterator)
  return tags
end

-- The tags of a heading of the reference: of a function, "bulk.plan", or of a type, "Plan".
local function reference_tags(page, heading)
  if heading.within == "Types" then return { page.types .. heading.text } end
  local of = page.types:gsub("%w+%.$", "")
  local name = heading.text:find "^ddokta%." and heading.text or of .. heading.text
  return { name .. "()" }
end

local function tags_of(page, heading)
  if heading.level == 1 then return { page.tag } end
  if heading.level == 3 and page.service then return service_tags(page, heading) end
  if heading.level == 3 and page.types then return reference_tags(page, heading) end
  return { page.tag .. "-" .. markdown.anchor(heading.text) }
end

-- Gives each heading its tags, and a page those that links lead to: {anchor = tag}
local function tag_headings(page)
  local within
  page.anchors = {}
  page.iterators = page.service and iterators_of(page.service)
  for _, block in ipairs(page.blocks) do
    if block.kind == "heading" then
      if block.level == 2 then within = block.text end
      block.within = within
      block.tags = tags_of(page, block)
      page.anchors[markdown.anchor(block.text)] = block.tags[1]
    end
  end
end

-- The tag of what a row of a table is about: a command; a field of the type or the function of the heading.
local function row_tag(page, heading, block, row)
  local name = row[1]:match "^`([^`]+)`$"
  if not name then return nil end
  if name:find "^:%u%a+$" then return name end
  if not page.types then return nil end
  if block.head[1] == "field" and heading.level == 1 then return page.types .. name end
  if block.head[1] ~= "field" and not block.head[1]:find "^in " then return nil end
  return ("%s.%s"):format(heading.tags[1]:gsub("%(%)$", ""), name)
end

-- --- words ----------------------------------------------------------------------------------------

-- "doc/reference/", "../okta.md" -> "doc/okta.md"
local function resolve(folder, path)
  local whole = folder .. path
  repeat
    local shorter, count = whole:gsub("[^/]+/%.%./", "", 1)
    whole = shorter
  until count == 0
  return whole
end

local function link(site, page, words, target)
  if target:find "^https?:" then return ("%s <%s>"):format(words, target) end
  local path, anchor = target:match "^([^#]*)#?(.*)$"
  local file = path == "" and page.path or resolve(page.path:match "^.*/" or "", path)
  local other = site.pages[file]
  local tag = other and (anchor == "" and other.tag or other.anchors[anchor])
  if not tag then return words == file and words or ("%s (%s)"):format(words, file) end
  -- a type is what its tag is called, and so is a page that is named
  return (tag:find "[.]" or words == file) and ("|%s|"):format(tag) or ("%s (|%s|)"):format(words, tag)
end

-- Text outside of code: links as tags, nothing bold; `|` alone would look like one end of a tag.
local function plain(site, page, words)
  local parts = {}
  words = words:gsub("%[([^%]]*)%]%(([^)]+)%)", function(text, target)
    parts[#parts + 1] = link(site, page, text, target)
    return ("\0%d\0"):format(#parts)
  end)
  words = words:gsub("\\|", "|"):gsub("|", " or "):gsub("%*%*", ""):gsub("&lt;", "<")
  return (words:gsub("%z(%d+)%z", function(i) return parts[tonumber(i)] end))
end

local function inline(site, page, words)
  -- a link whose words are code
  words = words:gsub("%[`([^%]`]*)`%]%(", "[%1](")
  local rest = (words .. "`"):gsub(
    "([^`]*)`([^`]*`?)",
    function(text, code) return plain(site, page, text) .. "`" .. code end
  )
  return (rest:sub(1, -2))
end

-- Broken into lines; the first has `lead` before it, the others as many spaces. None ends with " >": that
-- begins code.
local function wrapped(words, lead)
  local lines, indent = {}, (" "):rep(text_of.width(lead))
  local line = lead
  for joined in words:gsub(" ([<>]=?) ", " %1\0"):gmatch "[^%s]+" do
    local word = joined:gsub("%z", " ")
    local is_first = line == lead or line == indent
    if not is_first and text_of.width(line) + 1 + text_of.width(word) > WIDTH then
      lines[#lines + 1] = line
      line, is_first = indent, true
    end
    line = line .. (is_first and "" or " ") .. word
  end
  lines[#lines + 1] = line
  return lines
end

-- --- blocks ---------------------------------------------------------------------------------------

local function starred(tag) return "*" .. tag .. "*" end

-- left, and right at the edge; on two lines where they do not fit on one
local function put_apart(put, left, right)
  local gap = WIDTH - text_of.width(left) - text_of.width(right)
  if gap >= 2 then return put(left .. (" "):rep(gap) .. right) end
  put((" "):rep(math.max(0, WIDTH - text_of.width(right))) .. right)
  if left ~= "" then put(left) end
end

local writers = {}

function writers.heading(put, _, _, block)
  local text = block.text:gsub("`", "")
  if block.level == 3 then
    for _, tag in ipairs(block.tags) do
      put_apart(put, "", starred(tag))
    end
    put(text .. " ~")
  else
    put((block.level == 1 and "=" or "-"):rep(WIDTH))
    put_apart(put, text, starred(block.tags[1]))
  end
end

function writers.paragraph(put, site, page, block)
  for _, line in ipairs(wrapped(inline(site, page, block.text), "")) do
    put(line)
  end
end

function writers.item(put, site, page, block)
  for _, line in ipairs(wrapped(inline(site, page, block.text), block.mark .. " ")) do
    put(line)
  end
end

function writers.code(put, _, _, block)
  put ">"
  for _, line in ipairs(block.lines) do
    put(line == "" and "" or "    " .. line)
  end
  put "<"
end

-- The cells of a table as they are shown, and the width of each column.
local function shown_cells(site, page, block)
  local shown, widths = {}, {}
  for i = 0, #block.rows do
    local row = i == 0 and block.head or block.rows[i]
    shown[i] = {}
    for column = 1, #block.head do
      local cell = inline(site, page, row[column] or "")
      shown[i][column] = cell
      widths[column] = math.max(widths[column] or 0, text_of.width(cell))
    end
  end
  return shown, widths
end

local function put_columns(put, shown, widths)
  for i = 0, #shown do
    local cells = {}
    for column, cell in ipairs(shown[i]) do
      cells[column] = text_of.pad(cell, widths[column])
    end
    local line = table.concat(cells, "  "):gsub("%s+$", "")
    if i > 0 then
      put(line)
    elseif line ~= "" then
      put(line .. " ~")
    end
  end
end

-- Each row under its first cell, which has the row's tag.
local function put_entries(put, shown, tags)
  for i = 1, #shown do
    local rest = {}
    for column = 2, #shown[i] do
      if shown[i][column] ~= "" then rest[#rest + 1] = shown[i][column] end
    end
    local lines = wrapped(shown[i][1], "")
    for j, line in ipairs(lines) do
      if j == 1 and tags[i] then
        put_apart(put, line, starred(tags[i]))
      else
        put(line)
      end
    end
    if rest[1] then
      for _, line in ipairs(wrapped(table.concat(rest, "; "), "    ")) do
        put(line)
      end
    end
  end
end

function writers.table(put, site, page, block, heading)
  local shown, widths = shown_cells(site, page, block)
  local tags, width = {}, 2 * #widths
  for i, row in ipairs(block.rows) do
    tags[i] = row_tag(page, heading, block, row)
  end
  for _, one in ipairs(widths) do
    width = width + one
  end
  if next(tags) or width > WIDTH then
    put_entries(put, shown, tags)
  else
    put_columns(put, shown, widths)
  end
end

-- --- files ----------------------------------------------------------------------------------------

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- All pages: {book, ...} with their blocks, {path = page}
local function read_pages(fresh)
  local site = { pages = {} }
  for _, book in ipairs(BOOKS) do
    for _, page in ipairs(book.pages) do
      page.blocks = markdown.read(fresh[page.path] or read(page.path))
      site.pages[page.path] = page
    end
  end
  for _, page in pairs(site.pages) do
    tag_headings(page)
  end
  return site
end

local function put_page(put, site, page)
  local heading, before = nil, nil
  for _, block in ipairs(page.blocks) do
    local is_next_item = block.kind == "item" and before == "item"
    if before and not is_next_item and before ~= "code" then put "" end
    if block.kind == "heading" then heading = block end
    writers[block.kind](put, site, page, block, heading)
    before = block.kind
  end
  put ""
end

local function title_of(page) return (page.blocks[1].text:gsub("`", "")) end

-- What ddokta.txt begins with: what it is, as README has it, and where to read on.
local function put_opening(put, site, fresh)
  local page = { path = "README.md" }
  for _, block in ipairs(markdown.read(fresh["README.md"] or read "README.md")) do
    if block.kind == "paragraph" then
      writers.paragraph(put, site, page, block)
      break
    end
  end
  put ""
  for _, book in ipairs(BOOKS) do
    if book ~= BOOKS[1] then put_apart(put, book.title, ("|%s|"):format(book.file)) end
    for _, one in ipairs(book == BOOKS[1] and book.pages or {}) do
      put_apart(put, title_of(one), ("|%s|"):format(one.tag))
    end
  end
  put ""
end

local function book_text(site, book, fresh)
  local lines = {}
  local function put(line) lines[#lines + 1] = line end
  put(("*%s*  ddokta: %s"):format(book.file, book.title))
  put ""
  if book == BOOKS[1] then
    put_apart(put, "", "*ddokta*")
    put_opening(put, site, fresh)
  end
  put "Written by `make doc` from the pages of doc/."
  put ""
  for _, page in ipairs(book.pages) do
    put_page(put, site, page)
  end
  put " vim:tw=78:ts=8:noet:ft=help:norl:"
  return table.concat(lines, "\n") .. "\n"
end

--- The files of the help.
---@param fresh table<string, string> {path = text} of pages that are not on the disk yet
---@return table<string, string> {path = text}
function vimdoc.write(fresh)
  local site, files = read_pages(fresh), {}
  for _, book in ipairs(BOOKS) do
    files["doc/" .. book.file] = book_text(site, book, fresh)
  end
  return files
end

return vimdoc

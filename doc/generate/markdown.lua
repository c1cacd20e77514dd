--- Reads the Markdown of the pages of doc/, as far as they use it, into blocks:
---
--- - {kind = "heading", level, text}, {kind = "paragraph", text}, {kind = "code", language, lines}
--- - {kind = "item", mark, text}: of a list, "-" or "1."
--- - {kind = "table", head = {cell, ...}, rows = {{cell, ...}, ...}}
---
--- Text is as it stands there, with its marks of code, bold and links; a paragraph and an item are one line.
--- Comments, and paragraphs that are a picture, are left out.
local markdown = {}

-- "| a | b\|c |" -> {"a", "b|c"}
local function cells_of(line)
  local cells = {}
  for cell in line:gsub("\\|", "\0"):gmatch "|([^|]*)%f[|]" do
    cells[#cells + 1] = cell:gsub("%z", "|"):gsub("^%s+", ""):gsub("%s+$", "")
  end
  return cells
end

-- What begins or goes on with a line: {pattern, function(blocks, last block, captures...)}
local STARTS = {
  {
    "^(#+) (.+)$",
    function(blocks, _, marks, text) blocks[#blocks + 1] = { kind = "heading", level = #marks, text = text } end,
  },
  {
    "^(|.*)$",
    function(blocks, last, line)
      if last and last.kind == "table" then
        if not line:find "^|[-|]+$" then table.insert(last.rows, cells_of(line)) end
      else
        blocks[#blocks + 1] = { kind = "table", head = cells_of(line), rows = {} }
      end
    end,
  },
  {
    "^([-*]) (.+)$",
    function(blocks, _, _, text) blocks[#blocks + 1] = { kind = "item", mark = "-", text = text } end,
  },
  {
    "^(%d+%.) (.+)$",
    function(blocks, _, mark, text) blocks[#blocks + 1] = { kind = "item", mark = mark, text = text } end,
  },
}

local function add_line(blocks, last, line)
  for _, start in ipairs(STARTS) do
    local first, second = line:match(start[1])
    if first then return start[2](blocks, last, first, second) end
  end
  local goes_on = last and (last.kind == "paragraph" or last.kind == "item")
  if goes_on then
    last.text = last.text .. " " .. line:gsub("^%s+", "")
  else
    blocks[#blocks + 1] = { kind = "paragraph", text = line }
  end
end

---@param text string
---@return table[] blocks
function markdown.read(text)
  local blocks, last, code = {}, nil, nil
  for line in (text:gsub("<!%-%-.-%-%->", "") .. "\n"):gmatch "([^\n]*)\n" do
    local fence = line:match "^```(.*)$"
    if fence and code then
      code, last = nil, nil
    elseif fence then
      code = { kind = "code", language = fence, lines = {} }
      blocks[#blocks + 1] = code
    elseif code then
      table.insert(code.lines, line)
    elseif not line:find "%S" then
      last = nil
    elseif not line:find "^!%[.*%)$" then
      add_line(blocks, last, line)
      last = blocks[#blocks]
    end
  end
  assert(not code, "a code block without an end")
  return blocks
end

--- The anchor that a heading has on a page: "What a cell means" -> "what-a-cell-means"
---@param heading string
---@return string
function markdown.anchor(heading) return (heading:lower():gsub(" ", "-"):gsub("[^%w_-]", "")) end

return markdown

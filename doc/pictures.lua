--- Makes the pictures of README.md: a run of the command in a terminal (SVG) and a plan as a page (PNG).
-- Both are of the real command beside a sandbox; Chromium takes the page's. usage: make pictures
local chromium = require "spec.support.chromium"
local pages = require "spec.support.pages"
local sandbox = require "ddokta.sandbox"
local system = require("ddokta.core").system

local PEOPLE = [[
userName,name,title,active
ada@example.com,Ada Byron,Engineer,true
grace@example.com,Grace Murray,Rear Admiral,true
linus@example.com,Linus T,Engineer,true
zoe@example.com,Zoë Young,Analyst,true
old@example.com,Old Hand,,false
]]

local SEED = {
  users = {
    { name = "Ada Lovelace", email = "ada@example.com" },
    { name = "Old Hand", email = "old@example.com" },
    { name = "Linus T", email = "linus@example.com", title = "Engineer" },
  },
}

local COMMANDS = {
  "ddokta users import people.csv --yes --max-deactivations 1 --journal people.journal",
  "ddokta users plan people.csv",
}

-- --- a terminal as SVG ----------------------------------------------------------------------------

local LETTER, LINE, MARGIN, COLUMNS = 8.4, 19, 18, 96 -- pixels; a monospaced letter of 14 px
local COLOURS = { ["31"] = "#ff7b72", ["32"] = "#7ee787", ["33"] = "#e3b341", ["36"] = "#79c0ff" }
local PAPER, INK = "#0d1117", "#e6edf3"

local function escape(text) return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })) end

-- cuts a long line as a terminal does -> lines
local function wrap(line)
  local lines = {}
  while #line > COLUMNS and not line:find "\27" do
    local cut = line:sub(1, COLUMNS):match "^(.*) " or line:sub(1, COLUMNS)
    lines[#lines + 1] = cut
    line = line:sub(#cut + 1)
  end
  lines[#lines + 1] = line
  return lines
end

-- a line with colours of a terminal -> the spans of a text element
local function spans(line)
  local shown, colour = {}, INK
  for plain, code in (line .. "\27[0m"):gmatch "([^\27]*)\27%[([%d;]*)m" do
    if plain ~= "" then shown[#shown + 1] = ('<tspan fill="%s">%s</tspan>'):format(colour, escape(plain)) end
    colour = COLOURS[code:match "%d+$"] or INK
  end
  return table.concat(shown)
end

local function svg(lines)
  local rows = {}
  for i, line in ipairs(lines) do
    rows[i] = ('<text x="%d" y="%d" xml:space="preserve">%s</text>'):format(
      MARGIN,
      MARGIN + i * LINE,
      spans(line)
    )
  end
  local width, height = math.ceil(2 * MARGIN + COLUMNS * LETTER), 2 * MARGIN + #lines * LINE
  return table.concat({
    ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img"'):format(
      width,
      height,
      width,
      height
    ) .. ' aria-label="ddokta imports five people in a terminal, and then has nothing to do">',
    ('<rect width="100%%" height="100%%" rx="8" fill="%s"/>'):format(PAPER),
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">',
    table.concat(rows, "\n"),
    "</g></svg>",
    "",
  }, "\n")
end

-- --- the run --------------------------------------------------------------------------------------

local function run(checkout)
  local lines = {}
  for i, command in ipairs(COMMANDS) do
    if i > 1 then lines[#lines + 1] = "" end
    lines[#lines + 1] = ("\27[36m$\27[0m %s"):format(command)
    local output = checkout:run(command:gsub("^ddokta", "ddokta --color always"))
    for line in output:gmatch "([^\n]*)\n" do
      for _, part in ipairs(wrap(line)) do
        lines[#lines + 1] = part
      end
    end
  end
  return lines
end

local folder = assert(arg[1], "usage: pictures.lua FOLDER")
assert(chromium.find(), "there is no chromium")
local box = assert(sandbox.start { seed = SEED })
local checkout = pages.checkout(box)
checkout:write("people.csv", PEOPLE)

local _, status = checkout:run "ddokta users plan people.csv --report plan.html"
assert(status == 0 or status == 3, "the plan was not made")
pages.write(folder .. "/import.svg", svg(run(checkout)))

local profile = assert(system.mkdtemp "ddokta-pictures-")
chromium.picture(profile, checkout.dir .. "/plan.html", folder .. "/plan.png")
os.execute("rm -rf " .. pages.quote(profile))
checkout:remove()
box:stop()

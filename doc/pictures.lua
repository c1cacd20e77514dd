--- Makes the pictures of README.md and doc/: runs of the command in a terminal (SVG), a plan and a report as
-- pages (PNG), as wide as a desk's screen and as a telephone's. All are of the real command beside a sandbox;
-- Chromium takes the pages'. usage: make pictures
local chromium = require "spec.support.chromium"
local pages = require "spec.support.pages"
local sandbox = require "ddokta.sandbox"
local system = require("ddokta.core").system
local width_of = require("ddokta.text").width

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

local LISTED = {
  teams = {
    { name = "Identity and access, worldwide", handle = "identity-and-access" },
    { name = "東京本社 システム管理部門", handle = "tokyo", is_managed = true },
    { name = "On call 🚒", handle = "on-call", description = "Whoever is awake" },
  },
  okta = {
    groups = { { name = "Platform" } },
    apps = { { name = "datadog", id = "0oadatadog", label = "Datadog", push = { "Platform" } } },
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

local function span(text, column, colour, is_bold)
  return ('<tspan x="%.1f" fill="%s"%s%s>%s</tspan>'):format(
    MARGIN + column * LETTER,
    colour,
    is_bold and ' font-weight="bold"' or "",
    text:find "[\128-\255]"
        and (' textLength="%.1f" lengthAdjust="spacingAndGlyphs"'):format(width_of(text) * LETTER)
      or "",
    escape(text)
  )
end

-- a line with colours of a terminal -> the spans of a text element. A font may have another idea of how wide
-- what is not ASCII is: that stands in spans of its own, as wide as on a terminal.
local function spans(line)
  local shown, colour, is_bold, column = {}, INK, false, 0
  for plain, code in (line .. "\27[0m"):gmatch "([^\27]*)\27%[([%d;]*)m" do
    for ascii, other in plain:gmatch "([^\128-\255]*)([\128-\255]*)" do
      for _, text in ipairs { ascii, other } do
        if text ~= "" then shown[#shown + 1] = span(text, column, colour, is_bold) end
        column = column + width_of(text)
      end
    end
    colour, is_bold = COLOURS[code:match "%d+$"] or INK, code == "1"
  end
  return table.concat(shown)
end

local function svg(lines, columns, label)
  local rows = {}
  for i, line in ipairs(lines) do
    rows[i] = ('<text y="%d" xml:space="preserve">%s</text>'):format(MARGIN + i * LINE, spans(line))
  end
  local width, height = math.ceil(2 * MARGIN + columns * LETTER), 2 * MARGIN + #lines * LINE
  return table.concat({
    ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img"'):format(
      width,
      height,
      width,
      height
    ) .. (' aria-label="%s">'):format(label),
    ('<rect width="100%%" height="100%%" rx="8" fill="%s"/>'):format(PAPER),
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">',
    table.concat(rows, "\n"),
    "</g></svg>",
    "",
  }, "\n")
end

-- --- pages ---------------------------------------------------------------------------------------

-- Some forty people in Datadog, and what their personnel office says of them now.
local FIRST = { "Ada", "Barbara", "Chen", "Dorothea", "Edsger", "Frances", "Grace", "Hedy", "José", "Zoë" }
local LAST = { "Byron", "Nuñez", "Liskov", "Young" }
local SLOW = { limit = 12, period = 3 } -- calls, seconds: the run has to wait now and then

local function staff()
  local users, lines = {}, { "userName,name,title,active" }
  for i = 1, 40 do
    local first, last = FIRST[i % 10 + 1], LAST[i % 4 + 1]
    local email = ("p%02d.%s@example.com"):format(i, last:lower():gsub("[\128-\255]+", "n"))
    local title = i % 9 == 0 and "Senior Engineer, Identity" or "Engineer, Identity and Access"
    if i <= 34 then users[i] = { name = ("%s %s"):format(first, last), email = email, title = title } end
    local now = i % 2 == 0 and title:gsub("Identity.*", "Workforce Identity") or title
    if i > 3 then
      lines[#lines + 1] = ('%s,%s %s,"%s",true'):format(email, first, i % 11 == 0 and "Hopper" or last, now)
    end
  end
  return { users = users }, table.concat(lines, "\n") .. "\n"
end

-- {name, page, what Chromium is told}
local PAGES = {
  { "plan", "plan.html", { width = 1280, height = 1000 } },
  { "plan-390", "plan.html", { width = 390, height = 1000 } },
  { "report", "report.html", { width = 1280, height = 1000, dark = true } },
}

local function take_pictures(folder, dir)
  local own = assert(system.mkdtemp "ddokta-pictures-")
  local browser = chromium.start(own)
  for _, picture in ipairs(PAGES) do
    local page = browser:open(dir .. "/" .. picture[2], picture[3])
    page:picture(("%s/%s.png"):format(folder, picture[1]))
    page:close()
  end
  browser:stop()
  os.execute("rm -rf " .. pages.quote(own))
end

local function make_pages(folder)
  local seed, csv = staff()
  local box = assert(sandbox.start { seed = seed, limit = SLOW.limit, period = SLOW.period })
  local checkout = pages.checkout(box)
  checkout:write("staff.csv", csv)
  local guards = "staff.csv --prune --max-deactivations 10"
  local said, status = checkout:run(("ddokta users plan %s --report plan.html"):format(guards))
  assert(status == 0, said)
  checkout:run(
    [[curl -sS -d '{"method":"POST","contains":"p38","status":400,"body":"{\"detail\":\"the domain is not verified\"}"}' ]]
      .. box.http_url
      .. "/_sandbox/faults"
  )
  said, status =
    checkout:run(("ddokta users import %s --yes --journal staff.journal --report report.html"):format(guards))
  assert(status == 1, said)
  take_pictures(folder, checkout.dir)
  checkout:remove()
  box:stop()
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

local TERMINAL = 80 -- columns

-- the lines of a command in a terminal of 80 columns
local function run_in_terminal(checkout, command)
  local line = ("stty cols %d; TERM=xterm %s"):format(TERMINAL, command)
  local output = checkout:run(("script -qec %s /dev/null"):format(pages.quote(line)))
  local lines = { ("\27[36m$\27[0m %s"):format(command) }
  for part in output:gsub("\r", ""):gmatch "([^\n]*)\n" do
    lines[#lines + 1] = part
  end
  return lines
end

-- a list of long names, in scripts that are wide
local function draw_list(path)
  local box = assert(sandbox.start { seed = LISTED })
  local checkout = pages.checkout(box)
  local lines = run_in_terminal(checkout, "ddokta teams list")
  pages.write(path, svg(lines, TERMINAL, "ddokta lists teams in a terminal of 80 columns"))
  checkout:remove()
  box:stop()
end

local folder = assert(arg[1], "usage: pictures.lua FOLDER")
assert(chromium.find(), "there is no chromium")
local box = assert(sandbox.start { seed = SEED })
local checkout = pages.checkout(box)
checkout:write("people.csv", PEOPLE)

pages.write(
  folder .. "/import.svg",
  svg(run(checkout), COLUMNS, "ddokta imports five people in a terminal, and then has nothing to do")
)
draw_list(folder .. "/list.svg")
checkout:remove()
box:stop()
make_pages(folder)

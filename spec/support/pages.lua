-- The pages that people read, for specs: their code blocks, and a shell that runs these beside a sandbox.
local system = require("ddokta.core").system

local M = { quote = require("ddokta.shell").quote }

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- {language, text, line} of each fenced block
function M.code_blocks(text)
  local list, block, number = {}, nil, 0
  for line in text:gmatch "([^\n]*)\n" do
    number = number + 1
    local fence = line:match "^```(.*)$"
    if fence and block then
      block.text = table.concat(block, "\n") .. "\n"
      list[#list + 1], block = block, nil
    elseif fence then
      block = { language = fence, line = number }
    elseif block then
      block[#block + 1] = line
    end
  end
  assert(not block, "a code block without an end")
  return list
end

-- what a page links to and is no address: {targets}; folder: of the page
function M.links(text, folder)
  local targets = {}
  for target in text:gmatch "%]%(([^)]+)%)" do
    if not target:find "^https://" and not target:find "^#" then
      targets[#targets + 1] = folder .. target:gsub("#.*$", "")
    end
  end
  return targets
end

local Checkout = {}
Checkout.__index = Checkout

-- checkout(box) -> a checkout to stand in, in which a block may leave files
function M.checkout(box)
  local dir = assert(system.mkdtemp "ddokta-page-")
  assert(os.execute(('ln -s "$PWD"/* "$PWD"/.ci %s/'):format(M.quote(dir))))
  local commands = (os.getenv "DDOKTA_COMMAND" or ""):gsub("/[^/]*$", "")
  local environment = (
    "unset MAKEFLAGS MFLAGS MAKELEVEL; %s\nPATH=%s:$PATH; XDG_STATE_HOME=%s/state;"
    .. " export PATH XDG_STATE_HOME; cd %s\n"
  ):format(box:exports(), M.quote(commands), M.quote(dir), M.quote(dir))
  return setmetatable({ dir = dir, environment = environment }, Checkout)
end

-- runs a shell's text there -> output of both streams, exit status
function Checkout:run(text)
  M.write(self.dir .. "/block.sh", self.environment .. "set -e\n" .. text)
  local pipe = io.popen(("sh %s 2>&1 < /dev/null; echo $?"):format(M.quote(self.dir .. "/block.sh")))
  local output, status = pipe:read("*a"):match "^(.-)(%d+)\n$"
  pipe:close()
  return output, tonumber(status)
end

function Checkout:write(name, text) M.write(self.dir .. "/" .. name, text) end

function Checkout:remove() os.execute("rm -rf " .. M.quote(self.dir)) end

return M

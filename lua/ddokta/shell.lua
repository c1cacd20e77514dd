--- Commands for sh: quoting, and running one to its end with its output and exit status.
local shell = {}

--- One word of a command line, whatever is in it.
function shell.quote(text) return "'" .. tostring(text):gsub("'", [['\'']]) .. "'" end

--- A list of words as one command line.
function shell.line(words)
  local quoted = {}
  for i, word in ipairs(words) do
    quoted[i] = shell.quote(word)
  end
  return table.concat(quoted, " ")
end

--- Runs a command line: its output (both streams) and its exit status. The shell prints the status,
--- because io.popen's close gives none on Lua 5.1 and LuaJIT.
function shell.run(command)
  local pipe, message = io.popen("( " .. command .. '\n) 2>&1 </dev/null; echo "=$?"', "r")
  if not pipe then return message or "cannot start a shell", 127 end
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.*)=(%d+)\n$")
  return text or output, tonumber(status) or 1
end

return shell

-- busted's output for spec/run: failures in full, skips with their reason, and the counts and seconds to the
-- file that $COUNTS names, X.count. What each spec file came to goes to X.results, as lines of fields between
-- tabs: "file", its path, passed, failed, skipped; "skip", its path, why; "fail", its path, which.
return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()
  local started = os.time()

  local function place(element)
    local trace = element.trace or {}
    return ("%s:%s"):format(trace.short_src or "?", trace.currentline or "?")
  end

  local function show(word, list)
    for _, failure in ipairs(list) do
      local message = failure.message
      if type(message) ~= "string" then message = message == nil and "" or tostring(message) end
      io.write(word, ": ", place(failure), ": ", failure.name, "\n", message, "\n")
      local traceback = failure.trace and failure.trace.traceback
      if traceback and options.verbose then io.write(traceback, "\n") end
    end
  end

  local counts = os.getenv "COUNTS"
  local results = counts and io.open(counts:gsub("%.count$", "") .. ".results", "w")

  local function note(...)
    local fields = { ... }
    for i, field in ipairs(fields) do
      -- one line, without the place that `pending` puts before a reason
      fields[i] = tostring(field):gsub("%c.*", ""):gsub("^[^ ]*%.lua:%d+: ", "")
    end
    results:write(table.concat(fields, "\t"), "\n")
  end

  -- what was counted when the last file ended
  local noted = { failures = 0, errors = 0, pendings = 0, passed = 0 }

  -- those that a list got since, each to a line
  local function note_new(word, path, list_name, field)
    local list = handler[list_name]
    for i = noted[list_name] + 1, #list do
      note(word, path, list[i][field] or "no reason given")
    end
    local count = #list - noted[list_name]
    noted[list_name] = #list
    return count
  end

  -- at once, so that a crash shows which came to their end
  handler.fileEnd = function(file)
    if not results then return nil, true end
    local path = file.name
    local failed = note_new("fail", path, "failures", "name") + note_new("fail", path, "errors", "name")
    local skipped = note_new("skip", path, "pendings", "message")
    note("file", path, handler.successesCount - noted.passed, failed, skipped)
    noted.passed = handler.successesCount
    results:flush()
    return nil, true
  end

  handler.suiteEnd = function()
    show("FAILED", handler.failures)
    show("ERROR", handler.errors)
    for _, pending in ipairs(handler.pendings) do
      io.write("skipped: ", pending.name, ": ", tostring(pending.message or "no reason given"), "\n")
    end
    local passed, failed = handler.successesCount, handler.failuresCount + handler.errorsCount
    local seconds = os.difftime(os.time(), started)
    local file = counts and io.open(counts, "w")
    if file then
      file:write(("%d %d %d %d\n"):format(passed, failed, handler.pendingsCount, seconds))
      file:close()
    end
    io.write(("%d seconds\n"):format(seconds))
    return nil, true
  end

  busted.subscribe({ "file", "end" }, handler.fileEnd)
  busted.subscribe({ "suite", "end" }, handler.suiteEnd)
  return handler
end

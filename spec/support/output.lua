-- busted's output for spec/run: failures in full, skips with their reason, and the counts and seconds to the
-- file that $COUNTS names.
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

  handler.suiteEnd = function()
    show("FAILED", handler.failures)
    show("ERROR", handler.errors)
    for _, pending in ipairs(handler.pendings) do
      io.write("skipped: ", pending.name, ": ", tostring(pending.message or "no reason given"), "\n")
    end
    local passed, failed = handler.successesCount, handler.failuresCount + handler.errorsCount
    local seconds = os.difftime(os.time(), started)
    local file = os.getenv "COUNTS" and io.open(os.getenv "COUNTS", "w")
    if file then
      file:write(("%d %d %d %d\n"):format(passed, failed, handler.pendingsCount, seconds))
      file:close()
    end
    io.write(("%d seconds\n"):format(seconds))
    return nil, true
  end

  busted.subscribe({ "suite", "end" }, handler.suiteEnd)
  return handler
end

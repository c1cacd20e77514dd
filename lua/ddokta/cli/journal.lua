--- journal: what runs did, what of it is open, and what to do with a journal that is damaged.

local bulk = require "ddokta.bulk"
local file = require "ddokta.file"
local output = require "ddokta.cli.output"
local text = require "ddokta.text"
local status = require "ddokta.cli.status"

local SHOWN = 20 -- steps of a sort on a terminal; a pipe gets all of them

local backup, journals, show = bulk.backup, bulk.journals, text.show

-- --- show -----------------------------------------------------------------------------------------

-- in the order in which a sentence has them
local parts = {
  { "create", "created" },
  { "update", "updated" },
  { "delete", "deleted or deactivated" },
  { "done", "steps done" },
  { "failed", "failed" },
  { "unknown", "open" },
}

local function counted(counts)
  local texts = {}
  for _, part in ipairs(parts) do
    local n = counts[part[1]]
    -- of a recipe there are steps that are neither of the three
    if part[1] == "done" then n = n - counts.create - counts.update - counts.delete end
    if n > 0 then texts[#texts + 1] = n .. " " .. part[2] end
  end
  return texts[1] and table.concat(texts, ", ") or "nothing was done"
end

local function how_far(summary)
  if summary.finished then return "finished" end
  if summary.finished == nil then return summary.counts.unknown > 0 and "not finished" or "see its report" end
  return "not finished: the same command goes on with it"
end

local function list_steps(app, steps, words)
  local limit = app.is_terminal and not app.args.all and SHOWN or #steps
  for i = 1, math.min(#steps, limit) do
    local one = steps[i]
    app:print(
      ("    %s %s%s: %s"):format(
        show(one.action or "step " .. one.step),
        show(one.key or ""),
        one.id and " (id " .. show(one.id) .. ")" or "",
        show(one.error and one.error.message or words)
      )
    )
  end
  if #steps > limit then app:print(("    ... and %d more (--all shows them)"):format(#steps - limit)) end
end

local function print_summary(app, summary)
  app:print(
    ("%s: %s of %s, begun %s, %s"):format(
      show(summary.file),
      show(summary.kind),
      show(summary.organisation),
      show(summary.started),
      how_far(summary)
    )
  )
  app:print("  " .. counted(summary.counts))
  if summary.repaired then
    app:print(
      ("  repaired %s: the next run looks for each step before it sends it"):format(show(summary.repaired))
    )
  end
  if summary.unknown[1] then
    app:print("  open: sent perhaps, and nobody knows what became of it; the next run looks for it")
    list_steps(app, summary.unknown, "not known")
  end
  if summary.failed[1] then
    app:print("  failed:")
    list_steps(app, summary.failed, "failed")
  end
end

local function show_all(app, files)
  local summaries = {}
  for i, path in ipairs(files) do
    summaries[i] = app:must(journals.show(path))
  end
  local sum = journals.sum(summaries)
  if app.args.json then
    app:json { journals = summaries, sum = sum }
    return status.DONE
  end
  for _, summary in ipairs(summaries) do
    print_summary(app, summary)
  end
  if #summaries > 1 then
    app:print(("%d journals, %d finished: %s"):format(sum.journals, sum.finished, counted(sum.counts)))
  end
  return status.DONE
end

-- --- list -----------------------------------------------------------------------------------------

local BACKUPS = {
  { name = "begun" },
  { name = "kind" },
  { name = "objects" },
  { name = "backup", whole = true, kept = true },
}

local function backup_rows(backups)
  local rows = {}
  for i, one in ipairs(backups) do
    local unread = one.error and "cannot be read" .. (one.objects and " behind " .. one.objects or "")
    rows[i] = { begun = one.started, kind = one.kind, objects = unread or one.objects, backup = one.file }
  end
  return rows
end

local function list_all(app, files)
  local found = {}
  for _, path in ipairs(files) do
    for _, one in ipairs(app:must(backup.list(path))) do
      found[#found + 1] = one
    end
  end
  return output.list(app, {
    columns = BACKUPS,
    none = "no backup: nothing was replaced or removed, or the files were moved",
    each = function(visit)
      for _, one in ipairs(found) do
        visit(one)
      end
    end,
    rows = backup_rows,
    document = function(backups) return { backups = backups } end,
  })
end

-- --- check, repair, discard -----------------------------------------------------------------------

local function check_all(app, files)
  local found, code = {}, status.DONE
  for i, path in ipairs(files) do
    found[i] = app:must(journals.check(path))
    if not found[i].whole then code = status.FAILED end
  end
  if app.args.json then
    app:json { journals = found }
    return code
  end
  for _, one in ipairs(found) do
    if one.whole then
      local note = one.note and "; " .. show(one.note) or ""
      app:print(("%s: whole, %d lines%s"):format(show(one.file), one.lines, note))
    else
      app:print(show(one.damaged.message))
      app:print(("  ddokta journal repair %s"):format(show(one.file)))
    end
  end
  return code
end

local function repaired_words(done)
  if done.whole then return ("%s is whole: nothing was done"):format(show(done.file)) end
  return (
    "%s: %d lines kept, %d bytes lost; the damaged file is %s. Run the same command again: it looks "
    .. "for each step before it sends it"
  ):format(show(done.file), done.kept, done.lost, show(done.damaged))
end

local function repair_all(app, files)
  local all = {}
  for i, path in ipairs(files) do
    all[i] = app:must(journals.repair(path))
    if not app.args.json then app:print(repaired_words(all[i])) end
  end
  if app.args.json then app:json { journals = all } end
  return status.DONE
end

--- What is open is given up: that is asked, or said with --yes.
local function may_discard(app, path)
  if app.args.yes then return true end
  local summary = journals.show(path)
  local is_open = not summary or summary.counts.unknown > 0 or summary.finished == false
  if not is_open then return true end
  if app.args.json or not app.can_ask() then
    app:fail_unasked(" to give it up", show(path) .. " is not finished")
  end
  if summary then print_summary(app, summary) end
  return app:ask(("Give up what is open in %s?"):format(show(path)))
end

local function discard_all(app, files)
  local all = {}
  for _, path in ipairs(files) do
    if not may_discard(app, path) then
      app:fail(status.FAILED, "nothing was put aside", { kind = "cancelled" })
    end
    local name = app:must(journals.discard(path))
    all[#all + 1] = { file = path, aside = name }
    if not app.args.json then app:print(("%s is %s now"):format(show(path), show(name))) end
  end
  if app.args.json then app:json { journals = all } end
  return status.DONE
end

-- --- the command ----------------------------------------------------------------------------------

local actions = {
  { name = "show", run = show_all, words = "what each run did and what is open; several are summed up" },
  {
    name = "list",
    run = list_all,
    words = "the backups that it and those put aside before it have, for restore (the default)",
  },
  { name = "check", run = check_all, words = "is it whole? Status 1 where it is damaged" },
  {
    name = "repair",
    run = repair_all,
    words = "keep what is whole of a damaged one; the damaged file is kept beside it",
  },
  {
    name = "discard",
    run = discard_all,
    words = "put it aside: the next run begins anew, and does not look for what is open",
  },
}

local function action_of(word)
  for _, action in ipairs(actions) do
    if action.name == word then return action end
  end
end

local function configure(parser)
  local lines = {}
  for i, action in ipairs(actions) do
    lines[i] = ("%s: %s"):format(action.name, action.words)
  end
  parser
    :argument("words", "what to do, and journals\n" .. table.concat(lines, "\n"))
    :argname("<journal>")
    :args("+")
  parser:flag("-y --yes", "discard: do not ask")
  parser:flag("--all", "show every step on a terminal, however many")
  output.configure(parser)
end

-- "shw users.journal" is a mistake; a file of such a name is not
local function refuse_misspelt(app, words)
  if action_of(words[1]) or not words[2] or file.exists(words[1]) then return end
  local names = {}
  for i, action in ipairs(actions) do
    names[i] = action.name
  end
  local meant = text.did_you_mean(words[1], names)
  if meant ~= "" then app:fail(status.USAGE, ("there is no file '%s'%s"):format(show(words[1]), meant)) end
end

local function run(app, args)
  local files, action = {}, action_of(args.words[1])
  for i = action and 2 or 1, #args.words do
    files[#files + 1] = args.words[i]
  end
  if not files[1] then app:fail(status.USAGE, "a journal is wanted (see `ddokta journal --help`)") end
  refuse_misspelt(app, args.words)
  action = action or action_of "list"
  if action.name ~= "list" and (args.format == "csv" or args.columns) then
    app:fail(status.USAGE, "only `journal list` has columns: leave --format csv and --columns away")
  end
  return action.run(app, files)
end

return {
  actions = actions,
  configure = configure,
  run = run,
}

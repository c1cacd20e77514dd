-- lua/ddokta/recipes/run.lua: with a recipe that only counts.
local core = require "ddokta.core"
local failure = require "ddokta.error"
local json = core.json
local run = require("ddokta.recipes.run").recipe

local function error_of(kind, more)
  local err = { kind = kind, message = "the service says " .. kind }
  for name, value in pairs(more or {}) do
    err[name] = value
  end
  return failure.new(err)
end

describe("recipes.run", function()
  local dir, dd, slept, count

  setup(function() dir = assert(core.system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)
  before_each(function()
    slept = 0
    count = (count or 0) + 1
    dd = {
      base_url = "https://api.example.com",
      sleep = function(_, seconds)
        slept = slept + seconds
        core.system.sleep(math.min(seconds, 0.01))
        return true
      end,
    }
  end)

  local function new_path() return ("%s/%d.journal"):format(dir, count) end

  -- changes: members that differ
  local function recipe(changes)
    local r = {
      name = "toy",
      summary = "counts",
      arguments = {
        { name = "what", kind = "text", words = "what to count" },
        { name = "names", kind = "list", words = "some" },
        { name = "boldly", kind = "flag", words = "?" },
      },
      steps = { "first", "second" },
      read = function() return {} end,
      plan = function()
        return {
          { key = "first", title = "do one", sends = "1", subject = "a" },
          { key = "second", title = "do two", sends = "2", subject = "b" },
        }
      end,
      measure = function() return {} end,
      acts = { first = function() return "done", "id-1" end, second = function() return "unchanged" end },
    }
    for name, value in pairs(changes or {}) do
      r[name] = value
    end
    return run(r)
  end

  it("reports each step, and is data", function()
    local report = assert(recipe()(dd, nil, {}))
    assert.same(
      { "toy", "done", "done", "unchanged" },
      { report.recipe, report.outcome, report.steps[1].outcome, report.steps[2].outcome }
    )
    local decoded = assert(json.decode(report:to_json()))
    assert.same({ "do one", "1" }, { decoded.steps[1].title, decoded.steps[1].sends })
    assert.same(json.array {}, decoded.verified)
    assert.matches("^toy: done in 0.%d s.\nSteps\n  done       do one\n", tostring(report))
  end)

  it("stops at the step that fails, and begins none behind it", function()
    local begun = {}
    local _, err = recipe {
      acts = {
        first = function()
          begun[#begun + 1] = "first"
          return nil, error_of("server", { status = 500 })
        end,
        second = function() begun[#begun + 1] = "second" end,
      },
    }(dd, nil, {})
    assert.same({ "server", { "first" } }, { err.kind, begun })
    assert.same(
      { "failed", "failed", "planned" },
      { err.report.outcome, err.report.steps[1].outcome, err.report.steps[2].outcome }
    )
    assert.same({ "server", 500 }, { err.report.steps[1].error.kind, err.report.steps[1].error.status })
    assert.matches("the service says server", tostring(err.report))
  end)

  it("asks again until it is so, in the steps of the interval", function()
    local asked = 0
    local report = assert(recipe {
      verify = function()
        asked = asked + 1
        return { { what = "three times", ok = asked >= 3, missing = "only " .. asked } }
      end,
    }(dd, nil, { interval = 0.5, timeout = 60 }))
    assert.same({ 3, 1 }, { asked, slept })
    assert.is_true(report.verified[1].ok)
  end)

  it("bears what may be tried again while it asks, and nothing else", function()
    local asked = 0
    local function verify(err)
      return function()
        asked = asked + 1
        if asked == 1 then return nil, err end
        return { { what = "it", ok = true } }
      end
    end
    assert(recipe { verify = verify(error_of("server", { retryable = true })) }(dd, nil, { interval = 0 }))
    assert.equal(2, asked)
    asked = 0
    local _, err = recipe { verify = verify(error_of "forbidden") }(dd, nil, { interval = 0 })
    assert.same({ "forbidden", 1 }, { err.kind, asked })
  end)

  it("names all that is missing when time is up", function()
    local _, err = recipe {
      verify = function()
        return { { what = "a", ok = true }, { what = "b", ok = false, missing = "no" }, { what = "c" } }
      end,
    }(dd, nil, { interval = 0.01, timeout = 0.02 })
    assert.same({ "timeout", "not_verified", { "b (no)", "c" } }, { err.kind, err.code, err.errors })
    assert.equal("after 0.02 s this is still not so: b (no); c", err.message)
  end)

  it("raises for what is a bug of the script, at its line", function()
    local toy = recipe()
    for _, wrong in ipairs {
      { whta = "x" },
      { what = 1 },
      { names = "x" },
      { boldly = "yes" },
      { timeout = "long" },
    } do
      local ok, message = pcall(function() toy(dd, nil, wrong) end)
      assert.is_false(ok)
      assert.matches("run_spec.lua", message)
    end
  end)

  it("goes on from its journal: what was begun is said to be resumed", function()
    local args = { journal = new_path(), what = "x" }
    local seen = {}
    local function toy(outcome)
      return recipe {
        acts = {
          first = function(_, _, step)
            seen[#seen + 1] = step.resumed
            if outcome == nil then error("killed", 0) end
            return outcome, outcome == false and error_of "network" or nil
          end,
          second = function() return "done" end,
        },
      }
    end
    assert.is_false((pcall(toy(nil), dd, nil, args)))
    collectgarbage()
    collectgarbage()
    assert.equal("done", assert(toy "done"(dd, nil, args)).outcome)
    assert.same({ false, true }, seen)
  end)

  it("refuses the journal of another plan, and one whose steps were undone since", function()
    local path = new_path()
    assert(recipe()(dd, nil, { journal = path, what = "x" }))
    local _, err = recipe()(dd, nil, { journal = path, what = "y" })
    assert.same({ "conflict", "other_plan" }, { err.kind, err.code })
    _, err = recipe()(dd, nil, { journal = path, what = "x", timeout = 1 }) -- the same plan
    assert.same({ "conflict", "journal" }, { err.kind, err.code })
    assert.matches("somebody undid it", err.message)
  end)

  it("writes no journal in a dry run, nor where it refuses", function()
    local path = new_path()
    assert(recipe()(dd, nil, { journal = path, dry_run = true }))
    local refusing = recipe { plan = function() return {}, "no" end }
    local _, err = refusing(dd, nil, { journal = path })
    assert.equal("blocked", err.code)
    assert.is_nil(io.open(path))
  end)

  it("does nothing where a guard trips, and says by which argument it would", function()
    local begun = {}
    local function guarded(changes)
      local r = {
        measure = function()
          return { losses = { { key = "T", lost = 3, members = 3, remaining = 0 } }, members = 3 }
        end,
        acts = {
          first = function()
            begun[1] = true
            return "done"
          end,
        },
      }
      r.steps = { "first" }
      r.plan = function() return { { key = "first", title = "do", sends = "1" } } end
      for name, value in pairs(changes or {}) do
        r[name] = value
      end
      return recipe(r)
    end
    local report = assert(guarded()(dd, nil, { dry_run = true }))
    assert.same({ "member_removals", "empty_groups" }, { report.guards[1].guard, report.guards[2].guard })
    local path = new_path()
    local _, err = guarded()(dd, nil, { journal = path })
    assert.same({ "conflict", "guard" }, { err.kind, err.code })
    assert.same(
      "3 of 3 members would be taken out of their groups, more than the limit of 25%: if that "
        .. "is meant, say allow = { member_removals = 3 }; nobody would be left in 1 group: 'T': if that is "
        .. "meant, say allow = { empty_groups = 1 }",
      err.message
    )
    assert.same({ nil, "planned" }, { io.open(path), err.report.steps[1].outcome })
    local flag = {
      arguments = {
        { name = "boldly", kind = "flag", allows = "member_removals", words = "?" },
      },
    }
    _, err = guarded(flag)(dd, nil, {})
    assert.matches("say boldly = true; nobody", err.message, 1, true)
    _, err = guarded(flag)(dd, nil, { boldly = true })
    assert.same({ 1, "empty_groups" }, { #err.guards, err.guards[1].guard })
    _, err = guarded(flag)(dd, nil, { boldly = true, allow = { member_removals = 3 } })
    assert.same({ "config", "argument" }, { err.kind, err.code })
    assert.is_nil(begun[1])
    local all = { member_removals = "100%", empty_groups = true }
    assert.equal("done", assert(guarded()(dd, nil, { allow = all })).outcome)
    assert.equal("done", assert(guarded { allows = all }(dd, nil, {})).outcome)
    assert.has_error(
      function() recipe()(dd, nil, { allow = { empty_group = true } }) end,
      "option 'allow': there is no guard 'empty_group', did you mean 'empty_groups'?"
    )
  end)

  it("is none that does not say what it would take away", function()
    assert.has_error(
      function() run { name = "toy", arguments = {}, steps = { "first" } } end,
      "toy: what would it take away? (measure)"
    )
  end)

  it("keeps what a step replaces, and finds it again", function()
    local args, found = { journal = new_path() }, nil
    local function toy(act)
      return recipe { acts = { first = act, second = function() return "done" end } }
    end
    assert.is_false((pcall(
      toy(function(work, _, step)
        assert(work:save(step, "a", { members = { "ada" } }))
        error("killed", 0)
      end),
      dd,
      nil,
      args
    )))
    collectgarbage()
    collectgarbage()
    assert(toy(function(work)
      found = work:saved()
      return "done"
    end)(dd, nil, args))
    assert.same({ "ada" }, found.members)
  end)

  it("needs a client of Okta where the recipe does", function()
    local _, err = recipe { okta = "needed" }(dd, nil, {})
    assert.same({ "config", "okta" }, { err.kind, err.code })
    assert.matches("OKTA_CLIENT_ORGURL", err.message)
  end)
end)

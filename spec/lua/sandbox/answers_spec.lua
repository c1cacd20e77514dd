-- lua/ddokta/sandbox/answers.lua
local answers = require "ddokta.sandbox.answers"

describe("the sandbox's answers", function()
  it("have a body that ends in a newline, errors have not, and nothing claims to be HTML", function()
    assert.same(
      { status = 201, headers = { ["Content-Type"] = "application/json" }, body = '{"a":1}\n' },
      answers.json(201, { a = 1 })
    )
    assert.equal('{"errors":["x"]}', answers.errors(400, "x").body)
    assert.equal("text/html; charset=utf-8", answers.nothing().headers["Content-Type"])
  end)

  it("are told from what answers are made of", function()
    assert.is_true(answers.is_answer(answers.nothing()))
    assert.is_false(answers.is_answer { status = "ok" })
    assert.is_false(answers.is_answer(nil))
  end)

  it("end a handler from wherever they are raised", function()
    local value, refusal = answers.catch(function(id)
      answers.fail(404, "%s not found", id)
      return "not reached"
    end, "x")
    assert.is_nil(value)
    assert.equal(404, refusal.status)
    assert.equal('{"errors":["x not found"]}', refusal.body)
    assert.equal("fine", (answers.catch(function(_, b) return b end, nil, "fine")))
  end)

  it("take a text without values as it is, signs of formats included", function()
    local _, refusal = answers.catch(answers.fail, 400, "100% wrong")
    assert.equal('{"errors":["100% wrong"]}', refusal.body)
  end)

  it("leave other errors alone, with a traceback", function()
    local ok, problem = pcall(answers.catch, function() error "no such thing" end)
    assert.is_false(ok)
    assert.matches("no such thing", problem)
    assert.matches("traceback", problem)
  end)
end)

--- What every error has, whatever it is.
local assert = require "luassert"

local check_error = {}

--- An error of that kind.
function check_error.any(err, kind)
  assert.equal("table", type(err), "no error came")
  assert.equal(kind, err.kind, tostring(err))
  assert.is_string(err.message)
  assert.is_true(#err.message > 0)
  assert.is_table(err.errors)
  for _, message in ipairs(err.errors) do
    assert.is_string(message)
  end
  assert.is_number(err.attempts)
  assert.is_boolean(err.retryable)
  assert.is_boolean(err.ambiguous)
  local line = tostring(err)
  assert.is_nil(line:find "[%c]", ("not one readable line: %q"):format(line))
  assert.is_truthy(line:find(kind, 1, true))
  return err
end

--- The error of a call that was sent to that server.
function check_error.sent(server, err, kind, status)
  check_error.any(err, kind)
  assert.equal(status, err.status)
  assert.is_string(err.operation)
  assert.is_string(err.method)
  assert.equal(server.url, err.url:sub(1, #server.url))
  assert.is_number(err.seconds)
  assert.is_true(err.attempts >= 1)
  return err
end

return check_error

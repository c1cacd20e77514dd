-- csrc/binding/client_options.c: options that C itself refuses, whoever calls it.
local sending = require "spec.csrc.binding.sending"

describe("a client's options", function()
  for _, row in ipairs {
    { "timeout", -1, "option timeout: a number from 0 to 31536000 is needed" },
    { "max_retries", 2 ^ 31, "option max_retries: a number from 0 to 1000 is needed" },
    { "max_in_flight", 2 ^ 32, "option max_in_flight: a number from 1 to 100000 is needed" },
    { "max_response_bytes", 2 ^ 64, "option max_response_bytes: a number from 1 to 2147483647 is needed" },
    { "max_api_capacity", 0 / 0, "option max_api_capacity: a number from 0 to 100 is needed" },
  } do
    it(("do not wrap: %s = %g"):format(row[1], row[2]), function()
      local ok, message = pcall(sending.client, { [row[1]] = row[2] })
      assert.is_false(ok)
      assert.equal(row[3], (message:gsub("^.-%d+: ", "")))
    end)
  end

  for _, row in ipairs {
    { "user_agent", "a\r\nEvil: yes", "user_agent cannot be used: it holds a control character" },
    { "ca_file", "a\0b", "ca_file cannot be used: it holds a NUL" },
    { "base_url", "http://127.0.0.1\0.example.com", "base_url cannot be used: it holds a NUL" },
    { "api_key", "k\n1", "api_key cannot be sent: " },
  } do
    it(("are no other where C reads them: %s"):format(row[1]), function()
      local client, err = sending.client { [row[1]] = row[2] }
      assert.is_nil(client)
      assert.equal("config", err.kind)
      assert.equal(row[3], err.message:sub(1, #row[3]))
    end)
  end

  it("send no key to a proxy in the clear", function()
    local client, err = sending.client { proxy = "http://127.0.0.1:9" }
    -- a proxy is not for this machine's own addresses, where alone plain http may be
    if client then
      assert(sending.send(client, "list_okta_accounts"))
    else
      assert.matches("in the clear", err.message)
    end
  end)

  it("are named as the caller named them", function()
    local _, err = sending.client { base_url = "ftp://x", base_url_from = "DDOKTA_BASE_URL" }
    assert.matches("^DDOKTA_BASE_URL cannot be used: ", err.message)
  end)

  it("are read anew for a key", function()
    local client = assert(sending.client())
    assert.is_true(client:set_key("api_key", "k5678"))
    local set, err = client:set_key("api_key", "k\0")
    assert.is_nil(set)
    assert.matches("^api_key cannot be sent: ", err.message)
    assert.has_error(function() client:set_key("no_key", "x") end)
  end)
end)

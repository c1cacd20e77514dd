--- A client that does not send: a dry run goes through the same code and answers with what was asked.

--- new(kind) -> a client with the kind's operations
return function(kind)
  local client, operations = {}, kind.operations

  local function answer(fields, id)
    local resource = { id = id }
    for name, value in pairs(fields) do
      resource[name] = value
    end
    return resource, { attempts = 0 }
  end

  client[operations.list] = function() return {}, { attempts = 0 } end
  client[operations.create] = function(_, fields) return answer(fields, nil) end
  client[operations.update] = function(_, id, fields) return answer(fields, id) end
  client[operations.delete] = function() return true, { attempts = 0 } end
  return client
end

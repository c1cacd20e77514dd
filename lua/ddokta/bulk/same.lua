--- Is a value of the service the one that a source asks for? Both may be written in several ways.

--- same(column, old, new): old as the service has it, new as check.lua made it.
return function(column, old, new)
  if old == new then return true end
  -- what the service has may be of a form that a source may not have: then it differs
  return column.normalise ~= nil and type(old) == "string" and column.normalise(old) == new
end

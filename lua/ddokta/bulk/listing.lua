--- listing: all that a service has; an incomplete list is no base for a plan. See ddokta.pages, which reads
--- it.

local pages = require "ddokta.pages"

local listing = {}

--- all(dd, operation, query, visit, plural, parameters) -> how many, or nil, err
-- operation: a method of the client that lists; parameters: those of its path, if any; query: of the first
-- page, or nil; visit(resource) is called for each; plural: what they are.
function listing.all(dd, operation, query, visit, plural, parameters)
  return pages.walk(
    { client = dd, operation = operation, parameters = parameters, query = query, title = plural },
    visit
  )
end

--- walk(read, query, visit, plural): the same of what is no method of a client, one page after the other.
-- read(query) -> list, response: a page, as a client's method answers.
function listing.walk(read, query, visit, plural)
  return pages.walk({ read = read, query = query, title = plural }, visit)
end

return listing

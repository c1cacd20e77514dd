--- Goes away: ddokta.file has this with named options.
local file = require "ddokta.file"

return {
  check = function(path, sources) return file.check(path, { sources = sources }) end,
  write = function(path, fill, sources, is_private)
    return file.write(path, fill, { sources = sources, is_private = is_private })
  end,
}

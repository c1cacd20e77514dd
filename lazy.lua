-- What lazy.nvim does with a clone of this repository, unless it is told otherwise. It would take the rockspec,
-- and fetch from LuaRocks what systems have as a package.
return { "ddokta", build = "make nvim" }

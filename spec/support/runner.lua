-- busted for any Lua: its own launcher is bound to one.
require "busted.runner" { standalone = false }

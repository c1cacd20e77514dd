-- every file must run on 5.1 to 5.4 and LuaJIT alike
std = "min"
-- StyLua lays code out for 110 columns and may go over where it does not break a line
max_line_length = 140
max_comment_line_length = 110
include_files = {
  "lua/**/*.lua",
  "plugin/*.lua",
  "bin/ddokta",
  "spec/**/*.lua",
  "bench/**/*.lua",
  "examples/**/*.lua",
  "doc/**/*.lua",
  ".ci/*.lua",
  "*.rockspec",
  "rockspecs/*",
  ".luacheckrc",
}
read_globals = { "jit" }
files["lua/ddokta/loop/nginx.lua"] = { read_globals = { "ngx" } }
files["lua/ddokta/loop/uv.lua"] = { read_globals = { "vim" } }
files["lua/ddokta/loop/init.lua"] = { read_globals = { "ngx", "vim" } }
files["lua/ddokta/sandbox/"] = { std = "min+ngx_lua" }
files["spec/"] = { std = "min+busted" }
files["lua/ddokta/nvim/"] = { globals = { "vim" } }
files["lua/ddokta/health.lua"] = { read_globals = { "vim" } }
files["lua/ddokta/plugin.lua"] = { read_globals = { "vim" } }
files["plugin/"] = { globals = { "vim" } }
files["examples/neovim.lua"] = { globals = { "vim" } }
files["bench/nvim.lua"] = { read_globals = { "vim" } }
files["**/*.rockspec"] = { std = "rockspec" }
files[".luacheckrc"] = { std = "luacheckrc" }

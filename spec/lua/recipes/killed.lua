-- A process that runs a recipe and is killed before its n-th call: see around.lua.
-- killed.lua FILE MARKER: FILE is JSON, {recipe, n, args, dd, okta}; MARKER is made if it survives.
local core = require "ddokta.core"
local ddokta = require "ddokta"
local around = require "spec.lua.recipes.around"

local SIGKILL = 9

local read = require("spec.support.files").read

local plan = assert(core.json.decode(read(arg[1])))
local left = plan.n

local function fate()
  left = left - 1
  if left == 0 then core.system.kill(core.system.pid(), SIGKILL) end
end

local dd = around.mortal(assert(ddokta.client(plan.dd)), fate)
local okta = around.mortal(assert(ddokta.okta(plan.okta)), fate)
assert(require("ddokta.recipes")[plan.recipe](dd, okta, plan.args))
assert(io.open(arg[2], "wb")):close()

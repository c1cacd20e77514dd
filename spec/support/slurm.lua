-- A Slurm of one machine: Debian's slurmctld, slurmd and munged, on loopback and free ports, with
-- files of their own; for root alone, as whom slurmd starts jobs.
local serving = require "spec.support.serving"
local system = require("ddokta.core").system

local M = {}
M.__index = M

local CONFIGURATION = [[
ClusterName=spec
SlurmctldHost=%HOST%(127.0.0.1)
SlurmctldPort=%PORT1%
SlurmdPort=%PORT2%
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=%FOLDER%/socket
StateSaveLocation=%FOLDER%/state
SlurmdSpoolDir=%FOLDER%/spool
SlurmctldPidFile=%FOLDER%/slurmctld.pid
SlurmdPidFile=%FOLDER%/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=%HOST% NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=p Nodes=ALL Default=YES MaxTime=INFINITE State=UP
]]

local function output_of(line)
  local pipe = assert(io.popen(line .. " 2>&1"))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

-- reason() -> why there is no Slurm to be had here, or nil
function M.reason()
  if output_of "id -u" ~= "0\n" then return "Slurm starts jobs as root" end
  for _, program in ipairs { "munged", "slurmctld", "slurmd", "sbatch" } do
    if output_of("command -v " .. program) == "" then return "no " .. program .. " on this machine" end
  end
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- two free ports: the first is held while the second is asked for
local function two_ports()
  local first = system.free_port()
  local second
  repeat
    second = system.free_port()
  until second ~= first
  return first, second
end

local function start_all(self)
  local function start(line)
    local pid, pipe = serving.start_program(line)
    table.insert(self.programs, 1, { pid = pid, pipe = pipe })
  end
  local munged = "munged --foreground --force --socket=%s/socket --key-file=%s/key --pid-file=%s/munged.pid "
    .. "--log-file=%s/munged.log --seed-file=%s/seed --num-threads=2 >/dev/null 2>&1"
  start((munged:gsub("%%s", self.folder)))
  assert(serving.eventually(function() return system.stat(self.folder .. "/socket") end), "no munged")
  start("env " .. self.environment .. " slurmctld -D >" .. self.folder .. "/slurmctld.log 2>&1")
  start("env " .. self.environment .. " slurmd -D >" .. self.folder .. "/slurmd.log 2>&1")
  assert(
    serving.eventually(function() return self:run("sinfo --noheader --format=%T") == "idle\n" end, 30),
    "no Slurm: " .. self:run "sinfo --Node --long"
  )
end

-- start() -> a cluster
function M.start()
  local self = setmetatable({ folder = assert(system.mkdtemp "ddokta-slurm-"), programs = {} }, M)
  local first, second = two_ports()
  local names = {
    HOST = output_of("hostname -s"):match "%S+",
    FOLDER = self.folder,
    PORT1 = tostring(first),
    PORT2 = tostring(second),
  }
  os.execute(
    ("chmod 711 '%s'; mkdir '%s/state' '%s/spool'; umask 077; head -c 1024 /dev/urandom >'%s/key'"):gsub(
      "%%s",
      self.folder
    )
  )
  write(self.folder .. "/slurm.conf", (CONFIGURATION:gsub("%%(%u+%d?)%%", names)))
  write(self.folder .. "/cgroup.conf", "")
  self.environment = ("SLURM_CONF=%s/slurm.conf"):format(self.folder)
  local ok, message = pcall(start_all, self)
  if not ok then
    self:stop()
    error(message, 0)
  end
  return self
end

-- run(line) -> what a command of Slurm says
function M:run(line)
  return output_of(("unset LD_PRELOAD; env %s timeout 10 %s"):format(self.environment, line))
end

-- What squeue calls a job that has ended; others may run yet, or again: one that is being put back is in
-- none of the states that it shows unasked.
local ended = { CD = true, F = true, CA = true, TO = true, NF = true, BF = true, DL = true, OOM = true }

-- drain(seconds, act) -> true: until all jobs have ended; act(jobs) is called meanwhile, jobs: {id = "1_2",
-- state = "PD", reason = "BeginTime"}. What was put back is started after three seconds, not after Slurm's
-- two minutes: slurmd takes no credential of the second in which it ended the job.
function M:drain(seconds, act)
  local hastened = {}
  return serving.eventually(function()
    local jobs = {}
    local said = self:run "squeue --noheader --array --states=all --format='%i %t %r' && echo whole"
    for id, state, reason in said:gmatch "(%S+) (%S+) (%S+)\n" do
      jobs[#jobs + 1] = not ended[state] and { id = id, state = state, reason = reason } or nil
      local waits = state == "PD" and reason == "BeginTime"
      if waits and not hastened[id] then self:run(("scontrol update job=%s starttime=now+3"):format(id)) end
      hastened[id] = waits
    end
    if act then act(jobs) end
    return said:find "whole\n$" and not jobs[1]
  end, seconds)
end

-- What a job has started outlives slurmd: it is known by the configuration in its environment.
local function end_jobs(self)
  os.execute(([[for process in /proc/[0-9]*; do
    [ "${process#/proc/}" != $$ ] && grep -qzxF '%s' "$process/environ" 2>/dev/null &&
      kill -KILL "${process#/proc/}"
  done 2>/dev/null]]):format(self.environment))
end

function M:stop()
  if self:run "squeue --noheader" ~= "" then
    self:run "scancel --user=root"
    self:drain(10)
  end
  for _, program in ipairs(self.programs) do
    serving.stop_program(program.pid, program.pipe)
  end
  end_jobs(self)
  os.execute(("rm -rf '%s'"):format(self.folder))
end

return M

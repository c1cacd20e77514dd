---@meta _
-- What editors know of ddokta, written by `make doc`; nothing requires this file.
-- luacheck: ignore

---@class ddokta.bulk.ApplyOptions
---path: what was meant and what became of it (journal.lua). With the journal of a run that was killed or
---stopped the same call goes on with it: what is done is not done again, of what may have been sent is
---looked what became, the rest is sent. The plan may be made anew from the same source meanwhile, and should
---be. One that is finished (not stopped, nothing unknown; what failed is the next plan's) is put aside as
---<journal>.<its time> when there is something new to do, of whatever source
---@field journal? string
---path: what is replaced or removed, saved before (<journal>.backup; none without a journal); bulk.restore
---puts it back
---@field backup? string
---where it is kept which secrets were sent, so that a later plan notices one that changed: of
---bulk.fingerprints(dd, kind) (then the same object is the plan's option); by default at the default place,
---where a plan looks by default; false: nowhere
---@field fingerprints? ddokta.bulk.Fingerprints|false
---@field max_in_flight? integer changes at once (32)
---asked before each change, and ten times a second while calls wait: true ends the run. What has left the
---machine is waited for; what waits for its turn is not sent any more, and the next run does it
---@field should_stop? fun(): boolean?
---@field on_progress? fun(progress: ddokta.bulk.Progress) called after each change
---@field on_row? fun(row: ddokta.bulk.Row) called with each row of the report, as it ends
---false: report.rows has only those that failed, are unknown or were not run, 1,000 at most, so that memory
---does not grow with the plan (true). Without on_row what changes nothing is not even looked at. "file": the
---same, and report:each() has all of them, from a temporary file and the plan
---@field keep_rows? boolean|"file"
---@field fail_fast? boolean stop after the first failure (false)
---"20%": stop when more than this share of the last 50 changes failed for reasons that are the service's
---(server, network, timeout, tls, protocol, rate_limited): an outage; of the first ones at least 10 must
---have. A number: stop when more than so many failed, for whatever reason
---@field max_failures? number|string
---seconds for which a thing is looked for whose answer was lost before it counts as lost itself (2): a list
---may be behind what was just done
---@field settle? number
---what a journal of another source has left open is put aside with it, and looked for before it is sent
---again (false: such a journal is refused, and it is said what is open)
---@field discard_rest? boolean
---@field dry_run? boolean nothing is sent, nothing is written (false)
---@field allow_conflicts? boolean apply the rest of a plan with conflicts (false)

---@class ddokta.bulk.Progress
---@field done integer
---@field failed integer
---@field unknown integer
---@field not_run integer
---@field skipped integer 0 here
---@field resumed integer
---@field total integer the changes; the others are parts of it
---@field seconds number
---@field rate number per second
---@field left? number seconds

---@class ddokta.bulk.RenderOptions
---@field color? boolean (false)
---@field limit? integer of creations, updates, deletions, ... show at most so many each
---@field hint? string how the rest is seen, for the line that counts it
---@field unchanged? boolean list those too that change nothing (false)
---@field blocked? boolean say at its end why it may not be applied (true)

---What is known of the secrets of one kind. A thing with another id is another one of that name, or (of Okta
---accounts, which have a new id after each update: recorded) was changed since by somebody else, perhaps its
---secrets too.
---@class ddokta.bulk.Fingerprints
local Fingerprints = {}

---same: they are those that were sent last; other: another one was sent last, or one may have been sent that
---nobody knows to have arrived; never: the thing was made without; unknown: never sent from here, or
---somebody has changed the thing since.
---@param key string
---@param values table<string, string>
---@param id? string of the thing
---@return "same"|"other"|"never"|"unknown" state of the worst of them
---@return integer unknown of how many of them nothing is known
function Fingerprints:state(key, values, id) end

---@return true? closed
---@return ddokta.Error? err
function Fingerprints:close() end

---@class ddokta.bulk.FingerprintOptions
---@field path? string of the file
---@field key_file? string

---@alias ddokta.bulk.Format "csv"|"jsonl"|"json"

---A guard that stops a plan or a recipe.
---@class ddokta.bulk.Tripped
---@field guard string its name
---@field text string what would be done
---@field measure integer how many
---@field option? string the option that allows it, where that is not `allow`

---Fields of a plan and of a report, and so of their JSON.
---@class ddokta.bulk.Header
---@field kind ddokta.bulk.Kind
---@field source string "accounts.csv"
---@field shard? string which part of it: "2/4"
---@field address string of the service: "https://api.us5.datadoghq.com"
---@field organisation? string what tells it from others, as journals have it; nil: not known
---@field organisation_name? string nil where the service did not say
---Whose keys are used: "ada@example.com", "ci (service account)"; nil where the keys may not read it, or
---the service cannot say.
---@field caller? string
---@field time string when it was made: "2026-11-30T03:04:52Z"
---@field version string of ddokta

---@class ddokta.bulk
---@field kinds ddokta.bulk.Kind[]
local bulk = {}

---Rows of what is given: a path (.csv, .tsv, .jsonl, .ndjson, .json), "-" for standard input,
---"okta:group/..." or "okta:app/...", a list of rows, or an iterator function.
---@param from string|table[]|fun(): table?
---@param options? ddokta.bulk.ReadOptions
---@return ddokta.bulk.Source? source
---@return ddokta.Error? err
function bulk.read(from, options) end

---Checks the source alone, without a service: of a file of any length only the keys are kept, so that a
---million rows take no more than 40 MB.
---@param kind ddokta.bulk.Kind
---@param source ddokta.bulk.Source?
---@param options? {strict?: boolean} strict: an unknown column is an error (true)
---@return {rows: integer}? checked
---@return ddokta.Error? err with every problem
function bulk.check(kind, source, options) end

---What would make the service match the source.
---@param dd ddokta.Client
---@param kind ddokta.bulk.Kind
---@param source ddokta.bulk.Source? of bulk.read, whose failure passes through
---@param options? ddokta.bulk.PlanOptions
---@return ddokta.bulk.Plan? plan
---@return ddokta.Error? err
function bulk.plan(dd, kind, source, options) end

---A plan that was saved, where the service is as it was.
---@param dd ddokta.Client
---@param path string
---@param options? {source?: ddokta.bulk.Source} where it sends secrets, which are not in the file
---@return ddokta.bulk.Plan? plan
---@return ddokta.Error? err
function bulk.load(dd, path, options) end

---Carries out a plan. What a guard stops, or an error before the first change, leaves nothing applied.
---@param dd ddokta.Client
---@param plan ddokta.bulk.Plan
---@param options? ddokta.bulk.ApplyOptions
---@return ddokta.bulk.Report? report
---@return ddokta.Error? err
function bulk.apply(dd, plan, options) end

---Applies plans one after the other, in this order. Ends with the first that was stopped, or could not be
---made or applied (err). A function makes its plan when its turn comes: that of groups when their users are
---there. The journal of each is <journal>.<kind>, its backup <backup>.<kind>, its fingerprints
---fingerprints[kind].
---@param dd ddokta.Client
---@param plans (ddokta.bulk.Plan|fun(): ddokta.bulk.Plan?, ddokta.Error?)[]
---@param options? ddokta.bulk.ApplyOptions
---@return ddokta.bulk.Report[] reports
---@return ddokta.Error? err
function bulk.apply_all(dd, plans, options) end

---Makes a service match a source: reads it, plans, and applies the plan unless a guard or a conflict stops
---it. Whether all is as the source has it is report.ok. What could not be read, planned or begun is the
---error.
---
---    local report = ddokta.assert(bulk.sync(dd, "scim_users", "people.csv", { journal = "a.journal" }))
---    if not report.ok then io.stderr:write(tostring(report), "\n") end
---
---@param dd ddokta.Client
---@param kind ddokta.bulk.Kind
---@param source string|table[]|fun(): table?|ddokta.bulk.Source as of bulk.read, or what that made
---@param options? ddokta.bulk.SyncOptions
---@return ddokta.bulk.Report? report
---@return ddokta.Error? err
function bulk.sync(dd, kind, source, options) end

---The same, and applied. report.notes and report.left say what could not be put back.
---@param dd ddokta.Client
---@param path string
---@param options? ddokta.bulk.RestoreOptions
---@return ddokta.bulk.Report? report
---@return ddokta.Error? err
function bulk.restore(dd, path, options) end

---Plans to put back what a run replaced or removed: a plan like any other, which can be shown and applied.
---The backup and its journal are locked until the plan is closed, or collected.
---@param dd ddokta.Client
---@param path string of the backup, or of the journal that it is beside
---@param options? ddokta.bulk.RestorePlanOptions
---@return ddokta.bulk.Plan? plan
---@return string[]|ddokta.Error notes what cannot be put back, in sentences; they are in plan.note too
function bulk.restore_plan(dd, path, options) end

---What is known of the secrets that this client's organisation has.
---@param dd ddokta.Client
---@param kind_name ddokta.bulk.Kind
---@param options? ddokta.bulk.FingerprintOptions
---@return ddokta.bulk.Fingerprints? store
---@return ddokta.Error? err
function bulk.fingerprints(dd, kind_name, options) end

---Writes things as a source. Things that a column refers to stand there by their ids.
---@param kind_name ddokta.bulk.Kind
---@param things table[] as the service has them
---@param format? ddokta.bulk.Format ("csv")
---@param put fun(text: string) gets each piece
---@return true? written
---@return ddokta.Error? err
function bulk.write(kind_name, things, format, put) end

---Writes all that the service has, with names for what a column refers to. Nothing is written before all of
---it was read.
---@param dd ddokta.Client
---@param kind_name ddokta.bulk.Kind
---@param format? ddokta.bulk.Format ("csv")
---@param put fun(text: string) gets each piece
---@return integer? count
---@return ddokta.Error? err
function bulk.export(dd, kind_name, format, put) end

---@alias ddokta.bulk.Kind "okta_accounts"|"scim_users"|"scim_groups"|"app_service_accounts"

---What an update changes of one column, or what a create has.
---@class ddokta.bulk.FieldChange
---@field field string
---@field old any
---@field new any

---A change is the same everywhere: in a plan, in apply, in a journal, in a report's rows and in each JSON.
---@class ddokta.bulk.Change
---@field kind ddokta.bulk.Kind
---@field key string the thing's name, as the source (a deletion: the service) spells it
---@field old? table<string, any> what the service has, by column; nil for a create
---@field new? table<string, any> what is asked for, by column; nil for a deletion
---@field number integer
---@field action "create"|"update"|"unchanged"|"conflict"|"delete"
---@field position? string where the source asks for it: "accounts.csv:17"; nil for a deletion
---@field id? string the service's; nil for a create
---@field changes? ddokta.bulk.FieldChange[] of a create what it has, of an update what differs
---@field secrets? string[] names of the secret columns that are sent along; change:secret(name) is a value
---@field reason? string why it is in conflict
---@field note? string what a reader should know before it is done
---@field reactivates? boolean the service has it as inactive, and the source has it
---@field takes? table of a create: the team that it takes over, {id, name, handle, members}
---@field names? table<string, string> for people: names by id, where the row has ids

---@class ddokta.bulk.Plan: ddokta.bulk.Header
---Create, update, unchanged, conflict, delete; source and service: how many they have; whole: the source's
---rows where it is a shard; uncompared: secrets nobody knows to be there.
---@field counts table<string, integer>
---@field deactivations? integer how many updates leave a thing inactive
---@field reactivations? integer how many updates make an inactive thing active again
---@field accepts? integer of how many rows secrets that no API changes are taken for the service's
---@field restores? true it puts back what a run did, and its source is a backup
---@field guards? ddokta.bulk.Tripped[] which guards trip, so that nothing of it may be applied
---@field blocked? string the same in words
---@field note? string what a reader should know of all of it
---@field left? ddokta.bulk.Left[] of a restore: what it cannot put back
---@field created? string[] of a restore: names that the run has created, and that stay
local Plan = {}

---The highest number.
---@return integer
function Plan:steps() end

---A change, made anew at each call.
---@param number integer
---@param options? {changes_of_creates: boolean?} false: without those, which are its row once more
---@return ddokta.bulk.Change
function Plan:step(number, options) end

---All changes, with those that change nothing.
---@param options? {changes_of_creates: boolean?} as for step
---@return fun(): ddokta.bulk.Change?
function Plan:each(options) end

---The same without those that change nothing.
---@param options? {changes_of_creates: boolean?, only: fun(action: string): boolean} as for step; only: are changes of this action wanted?
---@return fun(): ddokta.bulk.Change?
function Plan:changes(options) end

---A hex digest of what the plan does, to this service; secrets are not in it.
---@return string
function Plan:fingerprint() end

---Gives the memory back now; only the fields are left.
---@return nil
function Plan:close() end

---Saves the plan, to be reviewed, and applied as it is (bulk.load).
---@param path string
---@return true? saved
---@return ddokta.Error? err
function Plan:save(path) end

---What it begins with: of which organisation it is, with whose keys and when it was made, and its source.
---@return string
function Plan:header() end

---How many changes there are.
---@return integer
function Plan:change_count() end

---What it would do, by what it is called for this kind: "2 users to create, 1 to deactivate".
---@return string
function Plan:to_do() end

---The same as one text.
---@param options? ddokta.bulk.RenderOptions
---@return string
function Plan:render(options) end

---The plan as plain data, its changes left out.
---@return table
function Plan:head() end

---The diff line by line, for plans of any length, without a final newline.
---@param put fun(text: string)
---@param options? ddokta.bulk.RenderOptions
---@return nil
function Plan:write(put, options) end

---The fields, and all changes in `rows`.
---@return table
function Plan:to_table() end

---@return string? json
---@return ddokta.Error|string|nil err
function Plan:to_json() end

---The JSON of that piece by piece, for plans of any length.
---@param put fun(text: string)
---@return true? written
---@return ddokta.Error|string|nil err
function Plan:write_json(put) end

---`shard`: "2/4" is the second of four parts, "auto" the one that Slurm, Kubernetes or GNU parallel says.
---`fingerprints`: what is known of the secrets that the service has; by default what is at the default
---place, false: nothing.
---`allow`: what guards may let pass, by their names: {deactivations = "10%", self = true}.
---@class ddokta.bulk.PlanOptions
---@field prune? boolean remove what the source does not have (false)
---@field allow? table<string, boolean|number|string>
---@field max_deactivations? number|string the same as allow.deactivations
---@field rotate_secrets? boolean send secrets although they cannot be compared (false)
---@field reactivate? boolean make active again whom the source has and the service has as inactive (true)
---@field accept_secrets? boolean secrets that no API changes are as in the source: apply notes it (false)
---@field strict? boolean an unknown column is an error (true)
---@field fingerprints? ddokta.bulk.Fingerprints|false
---@field shard? string

---One row of a report: a change, and what became of it.
---@class ddokta.bulk.Row: ddokta.bulk.Change
---Unknown: it was sent, and nobody knows what became of it; not_run: the run was stopped before; skipped:
---in conflict.
---@field outcome "done"|"failed"|"unknown"|"not_run"|"skipped"|"unchanged"
---@field attempts integer
---@field error? table {kind, message, status, ...} of what is not done nor unchanged; no secret is in it
---@field note? string what else there is to know: "found by looking: the answer was lost", ...
---@field resumed? true an earlier run of this journal had done it

---`counts`: done, failed, unknown, not_run, skipped, unchanged of all rows; create, update, delete: how many
---of those that are done; resumed: of those how many an earlier run did; uncompared: secrets of which
---nothing is known. tostring(report) is what happened, what to do next, and the rows that are not done.
---@class ddokta.bulk.Report: ddokta.bulk.Header
---@field ok boolean all is as the source has it: nothing failed, was left out or is unknown
---@field dry_run? true
---@field journal? string
---@field backup? string
---@field deactivations? integer how many of the updates that are done have left a thing inactive
---@field reactivations? integer how many of them have made an inactive thing active again
---@field seconds number
---@field timeline? ddokta.bulk.Timeline how it went over its time; nil where no change was sent
---@field rows ddokta.bulk.Row[]
---@field counts table<string, integer>
---@field stopped? "unauthorized"|"forbidden"|"outage"|"max_failures"|"fail_fast"|"journal"|"interrupted" Why it ended early.
---@field reason? string the same in words
---@field code? string of the error of the journal's files
---@field held? string why nothing was removed
---@field note? string what there is to know besides: the plan's, what was cut off at a journal's end, ...
---@field notes? string[] of a restore: what cannot be put back, in sentences
---@field left? ddokta.bulk.Left[] of a restore: what it cannot put back
---@field duplicates? {key: string, ids: string[]}[] Names that this run has created and more than one thing has: another run did the same at that time.
---@field sentence string what happened
---@field next? string what to do next, in one sentence
local Report = {}

---All rows that were kept, in the order of the plan, also those that are not in memory: then the plan must
---not be closed before.
---@return fun(): ddokta.bulk.Row?
function Report:each() end

---The row of the change of this number.
---@param number integer
---@return ddokta.bulk.Row?
function Report:row(number) end

---Gives up what is kept on the disk.
---@return nil
function Report:close() end

---What happened, and what to do next.
---@return string
function Report:summary() end

---What happened, what to do next, and the rows that are not done.
---@param options? {after_plan: boolean?} leave out what its plan has said: whose it is, its note (false)
---@return string
function Report:render(options) end

---The report as plain data, its rows left out.
---@return table
function Report:head() end

---The report as plain data.
---@return table
function Report:to_table() end

---The JSON of that piece by piece.
---@param put fun(text: string)
---@return true? written
---@return string? err
function Report:write_json(put) end

---@return string? json
---@return string? err
function Report:to_json() end

---@class ddokta.bulk.RestorePlanOptions
---@field force? boolean put back also what somebody has changed since (false)
---@field remove_created? boolean remove what the run created; then a plan's guards count it (false)
---@field allow? table<string, boolean|number|string> as of bulk.plan
---@field max_deactivations? number|string as of bulk.plan
---@field strict? boolean as of bulk.plan

---Those of restore_plan, and of apply.
---@class ddokta.bulk.RestoreOptions: ddokta.bulk.ApplyOptions
---@field force? boolean put back also what somebody has changed since (false)
---@field remove_created? boolean remove what the run created; then a plan's guards count it (false)
---@field allow? table<string, boolean|number|string> as of bulk.plan
---@field max_deactivations? number|string as of bulk.plan
---@field strict? boolean as of bulk.plan

---What a restore cannot put back.
---@class ddokta.bulk.Left
---@field key string
---@field field? string
---@field reason string

---Rows that are asked for one by one. Besides what is below it has: know(kind, {strict =}) -> problems,
---before the first row: its columns get the names that the kind has for them, and those that a mapping
---makes; take(rows), where the format has it: as next, but rows that are as they should be go to the rows of
---ddokta.core.rows without a word, and false, twice tells a key that is there already; place(line) ->
---"accounts.csv:17"; placer() -> a function that does it, and keeps nothing else.
---@class ddokta.bulk.Source
---@field name string for messages, such as "accounts.csv"
---@field columns? string[] where the source names them before the rows
---@field delimiter? string of CSV what separates its columns
---@field list_separator? string what separates a list's items in a text
local Source = {}

---One row.
---@return table? row nil: the end, or a problem; go on after it
---@return integer|table|nil detail its line, or the problem {line, column, message}
function Source:next() end

---@return nil
function Source:close() end

---@class ddokta.bulk.ReadOptions
---@field format? ddokta.bulk.Format where the name does not say it
---@field name? string for messages
---@field delimiter? string of CSV: a character, or comma, semicolon, tab, pipe; else the first line shows it
---@field list_separator? string between the items of a list in one text, the same words (";")
---@field map? table<string, string|string[]> What a column is made of: {name = '"First Name"+" "+"Last Name"'}
---@field okta? ddokta.Okta for a source of Okta
---@field kind? ddokta.bulk.Kind for a source of Okta
---@field attributes? table<string, string|string[]> for a source of Okta another word for map

---Those of read, of plan and of apply.
---@class ddokta.bulk.SyncOptions: ddokta.bulk.ApplyOptions
---@field format? ddokta.bulk.Format as of bulk.read
---@field name? string as of bulk.read
---@field delimiter? string as of bulk.read
---@field list_separator? string as of bulk.read
---@field map? table<string, string|string[]> as of bulk.read
---@field okta? ddokta.Okta as of bulk.read
---@field prune? boolean as of bulk.plan
---@field allow? table<string, boolean|number|string> as of bulk.plan
---@field max_deactivations? number|string as of bulk.plan
---@field rotate_secrets? boolean as of bulk.plan
---@field reactivate? boolean as of bulk.plan
---@field accept_secrets? boolean as of bulk.plan
---@field strict? boolean as of bulk.plan
---@field shard? string as of bulk.plan

---What a run did over its time, in equal parts of it.
---@class ddokta.bulk.Timeline
---@field seconds number of a part
---@field done integer[] changes that were done in each part
---@field failed integer[] changes that failed, or of which nobody knows what became
---@field waited number[] seconds for which calls waited for limits, or their turn, of all calls together

---What came back for a call that succeeded.
---@class ddokta.Response
---@field status integer of HTTP
---@field headers table<string, string> names in lower case
---@field body any decoded, as it came
---@field attempts integer
---@field seconds number all attempts and waits included
---@field rate_limit? ddokta.RateLimit
---@field total? integer of a list that comes in pages
---@field next? table<string, string|integer> the query of the next page
---@field warnings? string[]

---The service's own form of a body (JSON:API).
---@class ddokta.Envelope
---@field data table

---A call that nobody waits for.
---@class ddokta.Call
---@field done fun(self: ddokta.Call): boolean is it over?
---what its method returns, once
---it is done
---@field result fun(self: ddokta.Call): any, ddokta.Response|ddokta.Error|nil
---@field cancel fun(self: ddokta.Call) ends it as "cancelled"

---A socket to wait for.
---@class ddokta.PollFd
---@field fd integer
---@field events "r"|"w"|"rw"

---What a client knows of a rate limit.
---@class ddokta.LimitState
---@field name? string as the service writes it; of Okta its bucket
---@field operation? string where it has no name
---@field in_flight integer calls
---@field limit? integer calls in one period
---@field period? integer seconds
---@field remaining? integer calls
---@field reset? number seconds until then

---What a client has done so far.
---@class ddokta.Stats
---@field calls integer
---@field attempts integer
---@field retries integer
---@field waited number seconds
---@field bytes_sent integer
---@field bytes_received integer
---@field connections integer
---@field in_flight integer calls
---@field http table<"1.1"|"2"|"3", integer> answers by HTTP's version
---@field limits ddokta.LimitState[]

---What clients of both services have.
---@class ddokta.Client
---@field service "datadog"|"okta"
---@field base_url string where it calls, such as "https://api.datadoghq.com"
local Client = {}

---A light view of the same client whose calls use other options.
---@param changes ddokta.ViewOptions
---@return ddokta.Client view of the same service
function Client:with(changes) end

---Begins a call that nobody waits for; it goes on with each step(), or while other calls wait.
---@param operation string its name
---@param ... any the method's arguments
---@return ddokta.Call? call
---@return ddokta.Error? err
function Client:start(operation, ...) end

---Calls the method of this name, for programs that have the name as data.
---@param name string
---@param ... any what the method takes
---@return any ... what the method returns
function Client:call(name, ...) end

---The user who signs in with that name, in any letter case: of Datadog by handle, else by e-mail, of Okta by
---login. ddokta.person(user) has it in one shape.
---@param user_name string
---@return table? user as the service has it
---@return ddokta.Error? err "not_found"; "conflict" where several have the name
function Client:find_user(user_name) end

---For a loop of your own: the sockets to wait for ...
---@return ddokta.PollFd[]
function Client:pollfds() end

---... for at most so long ...
---@return number? seconds nil: no call is under way
function Client:timeout() end

---... and then: does what can be done, never waits.
---@return integer pending how many calls are under way
function Client:step() end

---Returns so much later, waiting as the client's calls do: other tasks, and whatever else its loop runs,
---go on.
---@param seconds number
---@return true? ok
---@return ddokta.Error? err
function Client:sleep(seconds) end

---What the client has done so far.
---@return ddokta.Stats
function Client:stats() end

---Ends what is in flight as "cancelled" and closes the connections; its views are closed as well.
---@return nil
function Client:close() end

---What sort of failure it is.
---@alias ddokta.Kind
---| "config" # a missing key, an unknown site, a bad URL
---| "invalid_request" # 400, 422, or refused before it was sent
---| "unauthorized" # 401
---| "forbidden" # 403
---| "not_found" # 404
---| "conflict" # 409
---| "rate_limited" # 429
---| "server" # 5xx
---| "timeout"
---| "network"
---| "tls"
---| "protocol" # not what the service should send
---| "cancelled"

---A rate limit, as the service's headers tell it.
---@class ddokta.RateLimit
---@field limit? integer calls in one period
---@field period? integer seconds
---@field remaining? integer calls
---@field reset? number seconds until then
---@field name? string

---@class ddokta.Error
---@field kind ddokta.Kind
---@field message string the service's own words first
---@field errors string[] all of the service's messages
---@field status? integer of HTTP
---@field code? string Okta's errorCode, or libcurl's name
---@field scim_type? string SCIM's scimType
---@field operation? string
---@field method? string
---@field url? string
---@field permission? string what a 403 lacks
---@field attempts integer 0: nothing was sent
---@field seconds? number all attempts and waits included
---@field retry_after? number seconds
---@field rate_limit? ddokta.RateLimit
---@field retryable boolean may be tried again as it is
---@field ambiguous boolean may have taken effect
---@field id? string what support asks for
---@field hint? string
---@field body? string the first 4 KiB of the answer, secrets replaced

---An operation of a service: a row of the operation map.
---@class ddokta.Operation
---@field name string
---@field family string
---@field service "datadog"|"okta"
---@field method string
---@field path string
---@field shape "plain"|"json_api"|"json_api_list"|"scim"|"scim_patch"
---@field permission? string
---@field success integer[]
---@field errors integer[]
---@field required string[]
---@field wanted? string[]
---@field fields? string[] of the body
---@field relationships? string[] of the body
---@field read_only? string[] never sent
---@field query string[]
---@field required_query string[]
---@field repeated_query? string[]
---@field paged boolean
---@field body boolean
---@field unstable boolean
---@field optional_body? boolean
---@field form? boolean
---@field bare? boolean
---@field path_id? boolean
---@field list? boolean
---@field empty? boolean
---@field each? string
---@field result? string
---@field bucket? string of Okta: the rate limit that its calls share with others
---@field sunset? string
---@field doc string

---@class ddokta
---@field version string
---@field null lightuserdata JSON's null, to send; a field that is null in an answer is absent
---@field operations ddokta.Operation[] every operation of both services; read-only
---@field sites string[] Datadog's sites
local ddokta = {}

---Has fn(resume) begin something that calls back, and returns what resume is called with, whenever that
---is: before fn returns, or later, from wherever. Meanwhile other tasks and calls go on. What counts is the
---first call of resume, which answers true; all others answer false. Raises where nothing can run that would
---call back, and when resume is collected without having been called.
---
---    local name = ddokta.await(function(resume) vim.ui.input({ prompt = "Name: " }, resume) end)
---
---@param fn fun(resume: fun(...): boolean)
---@return any ...
function ddokta.await(fn) end

---Calls fn(item, index) for each item, each in a task of its own. `results[i]` holds what fn returned for
---item i: `{value, ...}` or `{nil, err}`; if fn raised, err is what was raised (with a traceback where that
---is a string). With a sink nothing is kept: sink(index, item, ...) is called with what fn returned, as it
---comes. Raises for arguments of another type.
---@generic T
---@param most integer how many are called at once, at most
---@param items T[]|fun(): T? a list, or an iterator
---@param fn fun(item: T, index: integer): ...
---@param sink? fun(index: integer, item: T, ...)
---@return any[][] results in the order of the items
function ddokta.parallel(most, items, fn, sink) end

---Runs fn in a task of its own. on_done(err, ...) is called once: err is nil and what fn returned follows,
---or err is what it raised (of a bug, with its traceback). Returns at once in a task, in Neovim, nginx,
---cqueues and luv; where calls block, when fn has. What on_done raises is then spawn's own error; elsewhere,
---and without an on_done, it goes to the log of the host.
---@param fn fun(): ...
---@param on_done? fun(err: any, ...)
---@return nil
function ddokta.spawn(fn, on_done) end

---A list that is sent as one even when it is empty.
---@param list table
---@return table list
function ddokta.array(list) end

---A client of Datadog. Raises for an option of a wrong type or name: see ddokta.options.
---@param options? ddokta.DatadogOptions
---@return ddokta.Datadog? client
---@return ddokta.Error? err of kind "config"
function ddokta.client(options) end

---A client of an Okta organisation. Raises for an option of a wrong type or name: see ddokta.options.
---@param options? ddokta.OktaOptions
---@return ddokta.Okta? client
---@return ddokta.Error? err of kind "config"
function ddokta.okta(options) end

---The person that a resource is, or is about, in one shape: a user of Datadog, of SCIM, of Okta or of an app
---of Okta's, a membership of a team, a member of a SCIM group.
---@param resource table
---@return ddokta.Person? person nil: it is none of these
function ddokta.person(resource) end

---Passes on what succeeded; raises a failure as one readable line with the place of the call. Lua's own
---assert hides an error that is a table on Lua 5.1, 5.2 and in nginx.
---@generic T
---@param result T|nil|false
---@param ... any
---@return T result
---@return any ...
function ddokta.assert(result, ...) end

---What on_event is called with: an attempt begins, an answer is there, a call waits, a limit was learnt.
---@class ddokta.Event
---@field type "attempt"|"answer"|"wait"|"limit"
---@field operation string
---@field method string
---@field call integer
---@field attempt integer
---@field seconds? number
---@field kind? ddokta.Kind|"ok"
---@field status? integer
---@field limit? string

---What is not known is absent.
---@class ddokta.Person
---@field id string of the user
---@field user_name? string what they sign in with
---@field name? string as people write it
---@field email? string
---@field active? boolean

---@class ddokta.recipes
---@field list ddokta.recipe[] in the order of the guide
local recipes = {}

---Check what the guide asks for before provisioning.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.check.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.check(dd, okta, args) end

---Make a service account with an application key for Okta.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.service_account_key.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.service_account_key(dd, okta, args) end

---Make users from a file or an Okta group, adopt those who are there.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.provision_users.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.provision_users(dd, okta, args) end

---Bring users up to date from a file or an Okta group.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.update_users.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.update_users(dd, okta, args) end

---Deactivate users, or all whom a file or an Okta group does not have.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.deactivate_users.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.deactivate_users(dd, okta, args) end

---Make a managed team from an Okta group, or from a list of users.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.push_group.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.push_group(dd, okta, args) end

---Have an existing team managed by an Okta group.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.link_team.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.link_team(dd, okta, args) end

---End the link of a group and its team; the members stay.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.unlink_keep_members.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.unlink_keep_members(dd, okta, args) end

---End the link of a group and its team; take the members out, keep the team.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta?
---@param args ddokta.recipe.unlink_remove_members.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.unlink_remove_members(dd, okta, args) end

---Bring service accounts of an app into Okta Privileged Access.
---@param dd ddokta.Datadog?
---@param okta ddokta.Okta
---@param args ddokta.recipe.import_service_accounts.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.import_service_accounts(dd, okta, args) end

---Compare Okta's assignments and groups with Datadog's users and teams.
---@param dd ddokta.Datadog
---@param okta ddokta.Okta
---@param args ddokta.recipe.drift.arguments
---@return ddokta.recipe.report? report
---@return ddokta.Error? err its field report: what had been done until then
function recipes.drift(dd, okta, args) end

---@class ddokta.recipe.report
---@field recipe string
---@field outcome string "done", "nothing to do", "dry run" or "failed", or the recipe's own
---@field steps ddokta.recipe.report.step[]
---@field verified ddokta.recipe.fact[]
---@field warnings string[]
---@field advice string[] what to do next
---@field details? table what the recipe alone has
---@field guards? table[] those that trip
---@field blocked? string why the plan may not be applied
---@field seconds number

---@class ddokta.recipe.report.step
---@field key string
---@field title string
---@field sends string
---@field outcome "planned"|"done"|"unchanged"|"failed" planned: not begun; unchanged: somebody was faster
---@field error? { kind: string, message: string, status?: integer }

---A recipe is a function and a table: `recipe(dd, okta or nil, args) -> report | nil, err`. An error has
---`report`: what had been done until then. It is returned, never raised: Lua 5.1 catches none around a wait.
---@class ddokta.recipe
---@field name string
---@field order integer its place in the guide, and so in lists
---@field summary string one line
---@field arguments ddokta.recipe.argument[]
---@field steps string[] the keys of all steps that there may be, in their order
---@field okta? "needed"|"used" without it there is nothing to do with a client of Okta
---@field datadog? "unused" it may be called without a client of Datadog
---@field columns? table[] of what its report lists, as `ddokta.text` has them: --columns shows them

---kind: "source" is what bulk.read reads; "map" is name=text for the command; "limit" a number or "10%".
---@class ddokta.recipe.argument
---@field name string
---@field kind "text"|"list"|"flag"|"function"|"source"|"map"|"limit"
---@field words string
---@field required? boolean
---@field value? string|string[] what a text is, for the help: "id or name"; a list: all that it may be
---@field also? string as other verbs of the command call it
---@field allows? string names of guards: the argument is another spelling of what args.allow says of them

---@class ddokta.recipe.fact
---@field what string
---@field ok boolean
---@field missing? string
---@field hopeless? boolean it will not be so, however long one waits

---What every recipe takes.
---@class ddokta.recipe.arguments
---@field allow? table<string, boolean|number|string> guards that may be passed, each true or its measure
---@field dry_run? boolean nothing is changed: the report says what would be done
---@field timeout? number seconds until what was done must be seen in the services (180)
---@field interval? number seconds between two looks (2)
---@field journal? string path: what was meant and what became of it, so that a run that was killed goes on
---@field should_stop? fun(): boolean? as of bulk.apply; then the error is of kind "cancelled"
---@field command? string how it was called, as a page that it writes shows it

---What a filter compares with; null is `ddokta.null`.
---@alias ddokta.scim.Value string|number|boolean|lightuserdata

---Filters are strings (RFC 7644, 3.4.2.2), fit for a query, a path or a print. An attribute is `"userName"`,
---`"name.familyName"`, with its schema's URN and a colon before it or without. Operators raise for a value
---that they do not compare.
---@class ddokta.scim.Filter
---@field eq fun(attribute: string, value: ddokta.scim.Value): string is equal: `userName eq "a@b.c"`
---@field ne fun(attribute: string, value: ddokta.scim.Value): string differs
---@field co fun(attribute: string, value: string): string contains
---@field sw fun(attribute: string, value: string): string starts with
---@field ew fun(attribute: string, value: string): string ends with
---@field gt fun(attribute: string, value: string|number): string is greater; of strings, which dates are, too
---@field ge fun(attribute: string, value: string|number): string
---@field lt fun(attribute: string, value: string|number): string is less
---@field le fun(attribute: string, value: string|number): string
local Filter = {}

---It has a value: `title pr` (RFC 7644, table 3).
---@param attribute string
---@param ... nil
---@return string filter
function Filter.pr(attribute, ...) end

---All of them; of one: that one. "and" binds tighter than "or" (RFC 7644, 3.4.2.2), so that a filter with an
---"or" gets brackets, and no other: Datadog documents `id eq ... and members eq ...` without any. Raises for
---none.
---@param ... string filters
---@return string filter
function Filter.And(...) end

---At least one of them; of one: that one. Raises for none.
---@param ... string filters
---@return string filter
function Filter.Or(...) end

---`not (...)`
---@param filter string
---@param ... nil
---@return string filter
function Filter.Not(filter, ...) end

---One change of a PATCH (RFC 7644, 3.5.2).
---@class ddokta.scim.Operation
---@field op "add"|"replace"|"remove"
---@field path? string
---@field value? any

---The body of a PATCH.
---@class ddokta.scim.Patch
---@field schemas string[]
---@field Operations ddokta.scim.Operation[]

---@class ddokta.scim.Error
---@field detail? string
---@field scim_type? string
---@field status? integer of HTTP

---@class ddokta.scim
---@field filter ddokta.scim.Filter
---@field schemas table<string, string> the URNs by short names: user, group, enterprise_user, ...
local scim = {}

---`members[value eq "x"].display`: those values of a multi-valued attribute that the filter matches, or a
---sub-attribute of theirs. Without sub it is a filter as well.
---@param attribute string
---@param filter? string
---@param sub? string the name of a sub-attribute
---@return string path
function scim.path(attribute, filter, sub) end

---Sets an attribute (RFC 7644, 3.5.2.3). Without a path the value is a table of attributes, as Okta sends
---it: `replace(nil, {active = false})`.
---@param path string?
---@param value any `ddokta.null` takes it away
---@return ddokta.scim.Operation operation
function scim.replace(path, value) end

---Adds (RFC 7644, 3.5.2.1); to a multi-valued attribute a list: `add("members", {{value = id}})`.
---@param path string?
---@param value any
---@return ddokta.scim.Operation operation
function scim.add(path, value) end

---Removes the attribute, or those of its values that the filter matches (RFC 7644, 3.5.2.2). Raises without
---a path: it would be the whole resource.
---@param path string
---@param filter? string
---@return ddokta.scim.Operation operation
function scim.remove(path, filter) end

---The body of a PATCH: `patch{operation, ...}`. Raises for an empty list (RFC 7644, 3.5.2: one or more) and
---for what is no operation.
---@param operations ddokta.scim.Operation[]
---@return ddokta.scim.Patch body
function scim.patch(operations) end

---The value of an attribute, whose name may be in any case: `"userName"`, `"name.familyName"`,
---`"urn:...:User:department"`, `"urn:...:User"`; of a list, as `"emails.value"` is, the list of all values.
---Raises for what is no table and no attribute.
---@param resource table
---@param attribute string
---@return any value nil: there is none
function scim.get(resource, attribute) end

---The value that is marked so (RFC 7643, 2.4): `primary(user.emails)`.
---@param list? table[] nil: the resource does not have the attribute
---@return table? value
function scim.primary(list) end

---The first value with these sub-attributes: `find(user.emails, {type = "work"})`. Strings are compared
---without case, but those of value, $ref, id and externalId.
---@param list? table[] nil: the resource does not have the attribute
---@param wanted table<string, any>
---@return table? value
function scim.find(list, wanted) end

---The error in a decoded body within another answer (one operation of a bulk request); a call that failed
---has all this in its own error. A body is an Error of RFC 7644, 3.12, or Datadog's `{errors = {...}}`,
---whose words are joined to detail. Raises for what is no table.
---@param body table
---@return ddokta.scim.Error? found nil: it is none
function scim.error(body) end

---@class ddokta.recipe.check.arguments: ddokta.recipe.arguments
---@field app? string Okta's app, by id or label (default: the one Datadog app)
---@field keys_only? boolean check the keys alone, as `ddokta check` does

---@class ddokta.recipe.service_account_key.arguments: ddokta.recipe.arguments
---@field email string of the service account: who is told about it
---@field role string its role, by name or id: one with user_access_invite and user_access_manage
---@field name? string the service account's name (default: Okta SCIM)
---@field key_name? string the key's name (default: Okta SCIM)
---@field file? string a new file for the key, which only you may read
---@field sink? function a function(key, {id, last4}) -> true, instead of a file
---@field replace_lost? boolean delete a key of that name that is not in the file, and make another

---@class ddokta.recipe.provision_users.arguments: ddokta.recipe.arguments
---@field source string|table[]|fun(): table? who is to have Datadog: a file (.csv, .jsonl, .json), okta:group/<name>, okta:app/<label>
---@field mapping? table<string, string|string[]> what a column is made of: title=jobTitle, name=firstName+lastName, 'name="Last Name"+", "+"First Name"'
---@field roles? string[] roles by name or id, for those of whom the source says nothing; they replace what a user has
---@field delimiter? string what separates the columns of CSV: a character, or comma, semicolon, tab, pipe (default: as the first line shows)
---@field format? string format of the source (default: as its name ends)
---@field ignore_unknown_columns? boolean leave columns alone that ddokta does not know

---@class ddokta.recipe.update_users.arguments: ddokta.recipe.arguments
---@field source string|table[]|fun(): table? who is to have Datadog: a file (.csv, .jsonl, .json), okta:group/<name>, okta:app/<label>
---@field mapping? table<string, string|string[]> what a column is made of: title=jobTitle, name=firstName+lastName, 'name="Last Name"+", "+"First Name"'
---@field roles? string[] roles by name or id, for those of whom the source says nothing; they replace what a user has
---@field delimiter? string what separates the columns of CSV: a character, or comma, semicolon, tab, pipe (default: as the first line shows)
---@field format? string format of the source (default: as its name ends)
---@field ignore_unknown_columns? boolean leave columns alone that ddokta does not know

---@class ddokta.recipe.deactivate_users.arguments: ddokta.recipe.arguments
---@field users? string[] who is to be deactivated, by user name
---@field source? string|table[]|fun(): table? who is to stay: a file, okta:group/<name>, okta:app/<label>; all others are deactivated
---@field except? string[] who stays in any case, by user name
---@field mapping? table<string, string|string[]> what a column is made of: title=jobTitle, name=firstName+lastName, 'name="Last Name"+", "+"First Name"'
---@field max_deactivations? number|string do nothing where more than that many would be deactivated, a number or a percentage (default: 10%)
---@field delimiter? string what separates the columns of CSV: a character, or comma, semicolon, tab, pipe (default: as the first line shows)
---@field format? string format of the source (default: as its name ends)
---@field ignore_unknown_columns? boolean leave columns alone that ddokta does not know

---@class ddokta.recipe.push_group.arguments: ddokta.recipe.arguments
---@field group string the Okta group, by name or id; without Okta: the team's name
---@field name? string the team's name (default: the group's)
---@field app? string Okta's app, by id or label (default: the one Datadog app)
---@field members? string[] without Okta: who is to be in the team, by user name
---@field remove_members? boolean without Okta: take out who is not in that list

---@class ddokta.recipe.link_team.arguments: ddokta.recipe.arguments
---@field group string the Okta group, by name or id; without Okta: the team's name
---@field team? string the team, by name, handle or id (default: the one of the group's name)
---@field app? string Okta's app, by id or label (default: the one Datadog app)
---@field members? string[] without Okta: who is to be in the team, by user name
---@field remove_members? boolean take out of the team who is not in the group

---@class ddokta.recipe.unlink_keep_members.arguments: ddokta.recipe.arguments
---@field group string the Okta group, by name or id; without Okta: the team's name
---@field team? string the team's name (default: the one that the group is pushed to)
---@field app? string Okta's app, by id or label (default: the one Datadog app)

---@class ddokta.recipe.unlink_remove_members.arguments: ddokta.recipe.arguments
---@field group string the Okta group, by name or id; without Okta: the team's name
---@field team? string the team's name (default: the one that the group is pushed to)
---@field app? string Okta's app, by id or label (default: the one Datadog app)

---@class ddokta.recipe.import_service_accounts.arguments: ddokta.recipe.arguments
---@field source string|table[]|fun(): table? a file (.csv, .jsonl, .json): name, username, password, containerOrn, description, owners
---@field app? string the app of accounts without a containerOrn, by id or label
---@field mapping? table<string, string|string[]> what a column is made of: title=jobTitle, name=firstName+lastName, 'name="Last Name"+", "+"First Name"'
---@field delimiter? string what separates the columns of CSV: a character, or comma, semicolon, tab, pipe (default: as the first line shows)
---@field format? string format of the source (default: as its name ends)
---@field ignore_unknown_columns? boolean leave columns alone that ddokta does not know

---@class ddokta.recipe.drift.arguments: ddokta.recipe.arguments
---@field app? string Okta's app, by id or label (default: the one Datadog app)
---@field groups? string[] only these pushed groups, by name or id (default: all)
---@field ignore? string[] users of whom nothing is said, by user name
---@field mapping? table<string, string|string[]> what a column is made of: title=jobTitle, name=firstName+lastName, 'name="Last Name"+", "+"First Name"'
---@field report? string write what was found to this file: .html, .json or .txt

---@class ddokta.DatadogOptions
---@field api_key? string|fun(): string default: $DD_API_KEY
---@field app_key? string|fun(): string default: $DD_APP_KEY
---@field attempt_timeout? number default: 30
---@field base_url? string default: $DDOKTA_BASE_URL
---@field bearer_token? string|fun(): string default: $DD_BEARER_TOKEN
---@field ca_file? string default: $DDOKTA_CA_FILE, $CURL_CA_BUNDLE, $SSL_CERT_FILE
---@field client_cert? string
---@field client_key? string
---@field client_key_password? string|fun(): string
---@field connect_timeout? number default: 10
---@field loop? "auto"|"blocking"|"nginx"|"uv"|"cqueues"|fun(seconds: number) default: auto
---@field max_api_capacity? number default: 100
---@field max_in_flight? integer default: 32
---@field max_response_bytes? integer default: 67108864
---@field max_retries? integer default: 4
---@field on_event? fun(event: ddokta.Event)
---@field proxy? string
---@field site? string default: $DD_SITE, datadoghq.com
---@field strict_fields? boolean default: true
---@field timeout? number default: 60
---@field user_agent? string

---@class ddokta.OktaOptions
---@field access_token? string|fun(): string
---@field attempt_timeout? number default: 30
---@field base_url? string default: $DDOKTA_OKTA_BASE_URL
---@field ca_file? string default: $DDOKTA_CA_FILE, $CURL_CA_BUNDLE, $SSL_CERT_FILE
---@field client_cert? string
---@field client_key? string
---@field client_key_password? string|fun(): string
---@field connect_timeout? number default: 10
---@field domain? string default: $OKTA_CLIENT_ORGURL
---@field loop? "auto"|"blocking"|"nginx"|"uv"|"cqueues"|fun(seconds: number) default: auto
---@field max_api_capacity? number default: 100
---@field max_in_flight? integer default: 32
---@field max_response_bytes? integer default: 67108864
---@field max_retries? integer default: 4
---@field on_event? fun(event: ddokta.Event)
---@field proxy? string
---@field strict_fields? boolean default: true
---@field timeout? number default: 60
---@field token? string|fun(): string default: $OKTA_CLIENT_TOKEN
---@field user_agent? string

---@class ddokta.ViewOptions
---@field attempt_timeout? number default: 30
---@field connect_timeout? number default: 10
---@field max_response_bytes? integer default: 67108864
---@field max_retries? integer default: 4
---@field strict_fields? boolean default: true
---@field timeout? number default: 60

---@class ddokta.datadog.AccessToken
---@field created_at? string
---@field expires_at? string
---@field id? string
---@field last_used_at? string
---@field modified_at? string
---@field name? string
---@field owned_by? ddokta.datadog.Reference
---@field public_portion? string
---@field scopes? string[]
---@field type? string

---@class ddokta.datadog.AnonymizeUserError
---@field error string
---@field user_id string

---@class ddokta.datadog.AnonymizeUsers
---@field id? string
---@field user_ids string[]

---@class ddokta.datadog.AnonymizedUsers
---@field anonymize_errors ddokta.datadog.AnonymizeUserError[]
---@field anonymized_user_ids string[]
---@field id? string
---@field type? string

---@class ddokta.datadog.ApiKey
---@field created? string
---@field created_by? string
---@field key? string
---@field name? string

---@class ddokta.datadog.ApiKeyCreate
---@field category? string
---@field name string
---@field remote_config_read_enabled? boolean

---@class ddokta.datadog.ApiKeyUpdate
---@field category? string
---@field id? string
---@field name string
---@field remote_config_read_enabled? boolean

---@class ddokta.datadog.ApiKeyValidation
---@field status string

---@class ddokta.datadog.ApplicationKey
---@field hash? string
---@field name? string
---@field owner? string

---@class ddokta.datadog.ApplicationKeyCreate
---@field name string
---@field scopes? string[]

---@class ddokta.datadog.ApplicationKeyUpdate
---@field id? string
---@field name? string
---@field scopes? string[]

---@class ddokta.datadog.AuthenticationValidation
---@field valid? boolean

---@class ddokta.datadog.AuthnMapping
---@field attribute_key? string
---@field attribute_value? string
---@field created_at? string
---@field id string
---@field modified_at? string
---@field role? ddokta.datadog.Reference
---@field saml_assertion_attribute? ddokta.datadog.Reference
---@field saml_assertion_attribute_id? string
---@field team? ddokta.datadog.Reference
---@field type string

---@class ddokta.datadog.AuthnMappingCreate
---@field attribute_key? string
---@field attribute_value? string
---@field role? string|ddokta.datadog.Reference
---@field team? string|ddokta.datadog.Reference

---@class ddokta.datadog.AuthnMappingUpdate
---@field attribute_key? string
---@field attribute_value? string
---@field id? string
---@field role? string|ddokta.datadog.Reference
---@field team? string|ddokta.datadog.Reference

---@class ddokta.datadog.CurrentUserUpdate
---@field disabled? boolean
---@field email? string
---@field id string
---@field name? string
---@field title? string

---@class ddokta.datadog.FullApiKey
---@field category? string
---@field created_at? string
---@field created_by? ddokta.datadog.Reference
---@field date_last_used? string
---@field id? string
---@field key? string
---@field last4? string
---@field modified_at? string
---@field modified_by? ddokta.datadog.Reference
---@field name? string
---@field remote_config_read_enabled? boolean
---@field type? string

---@class ddokta.datadog.FullApplicationKey
---@field created_at? string
---@field id? string
---@field key? string
---@field last4? string
---@field last_used_at? string
---@field name? string
---@field owned_by? ddokta.datadog.Reference
---@field scopes? string[]
---@field type? string

---@class ddokta.datadog.FullPersonalAccessToken
---@field created_at? string
---@field expires_at? string
---@field id? string
---@field key? string
---@field name? string
---@field owned_by? ddokta.datadog.Reference
---@field public_portion? string
---@field scopes? string[]
---@field type? string

---@class ddokta.datadog.FullServiceAccessToken
---@field created_at? string
---@field expires_at? string
---@field id? string
---@field key? string
---@field name? string
---@field owned_by? ddokta.datadog.Reference
---@field public_portion? string
---@field scopes? string[]
---@field type? string

---@class ddokta.datadog.Identifier
---@field id string
---@field type string

---@class ddokta.datadog.IdentityProvider
---@field authentication_method string
---@field enabled boolean
---@field id string
---@field type string

---@class ddokta.datadog.IdentityProviderId
---@field id string

---@class ddokta.datadog.IdentityProviderUpdate
---@field enabled boolean
---@field id? string

---@class ddokta.datadog.IdpForm
---@field idp_file string

---@class ddokta.datadog.IdpUploaded
---@field message string

---@class ddokta.datadog.MaxSessionDuration
---@field max_session_duration integer

---@class ddokta.datadog.MemberTeamId
---@field id string

---@class ddokta.datadog.OktaAccount
---@field api_key? string
---@field auth_method string
---@field client_id? string
---@field client_secret? string
---@field domain string
---@field id? string
---@field name string
---@field type string

---@class ddokta.datadog.OktaAccountCreate
---@field api_key? string secret
---@field auth_method string
---@field client_id? string
---@field client_secret? string secret
---@field domain string
---@field name string

---@class ddokta.datadog.OktaAccountUpdate
---@field api_key? string secret
---@field auth_method string
---@field client_id? string
---@field client_secret? string secret
---@field domain string

---@class ddokta.datadog.OrgConfig
---@field description string
---@field id string
---@field modified_at? string
---@field name string
---@field type string
---@field value any
---@field value_type string

---@class ddokta.datadog.OrgConfigUpdate
---@field value any

---@class ddokta.datadog.OrgSamlPreferences
---@field default_role_uuids string[]
---@field id? string
---@field jit_domains string[]

---@class ddokta.datadog.Organization
---@field billing? ddokta.datadog.OrganizationBilling
---@field created? string
---@field description? string
---@field name? string
---@field public_id? string
---@field settings? ddokta.datadog.OrganizationSettings
---@field subscription? ddokta.datadog.OrganizationSubscription
---@field trial? boolean

---@class ddokta.datadog.OrganizationBody
---@field billing? ddokta.datadog.OrganizationBilling
---@field description? string
---@field name? string
---@field public_id? string
---@field settings? ddokta.datadog.OrganizationSettings
---@field subscription? ddokta.datadog.OrganizationSubscription
---@field trial? boolean

---@class ddokta.datadog.OrganizationBilling
---@field type? string

---@class ddokta.datadog.OrganizationCreate
---@field billing? ddokta.datadog.OrganizationBilling
---@field name string
---@field subscription? ddokta.datadog.OrganizationSubscription

---@class ddokta.datadog.OrganizationCreated
---@field api_key? ddokta.datadog.ApiKey
---@field application_key? ddokta.datadog.ApplicationKey
---@field org? ddokta.datadog.Organization
---@field user? ddokta.datadog.OrganizationUser

---@class ddokta.datadog.OrganizationSettings
---@field private_widget_share? boolean
---@field saml? ddokta.datadog.OrganizationSettingsSaml
---@field saml_autocreate_access_role? string
---@field saml_autocreate_users_domains? ddokta.datadog.OrganizationSettingsSamlAutocreateUsersDomains
---@field saml_can_be_enabled? boolean
---@field saml_idp_endpoint? string
---@field saml_idp_initiated_login? ddokta.datadog.OrganizationSettingsSamlIdpInitiatedLogin
---@field saml_idp_metadata_uploaded? boolean
---@field saml_login_url? string
---@field saml_strict_mode? ddokta.datadog.OrganizationSettingsSamlStrictMode

---@class ddokta.datadog.OrganizationSettingsSaml
---@field enabled? boolean

---@class ddokta.datadog.OrganizationSettingsSamlAutocreateUsersDomains
---@field domains? string[]
---@field enabled? boolean

---@class ddokta.datadog.OrganizationSettingsSamlIdpInitiatedLogin
---@field enabled? boolean

---@class ddokta.datadog.OrganizationSettingsSamlStrictMode
---@field enabled? boolean

---@class ddokta.datadog.OrganizationSubscription
---@field type? string

---@class ddokta.datadog.OrganizationUser
---@field access_role? string
---@field disabled? boolean
---@field email? string
---@field handle? string
---@field icon? string
---@field name? string
---@field verified? boolean

---@class ddokta.datadog.PartialApiKey
---@field category? string
---@field created_at? string
---@field created_by? ddokta.datadog.Reference
---@field date_last_used? string
---@field id? string
---@field last4? string
---@field modified_at? string
---@field modified_by? ddokta.datadog.Reference
---@field name? string
---@field remote_config_read_enabled? boolean
---@field type? string

---@class ddokta.datadog.PartialApplicationKey
---@field created_at? string
---@field id? string
---@field last4? string
---@field last_used_at? string
---@field name? string
---@field owned_by? ddokta.datadog.Reference
---@field scopes? string[]
---@field type? string

---@class ddokta.datadog.Permission
---@field created? string
---@field description? string
---@field display_name? string
---@field display_type? string
---@field group_name? string
---@field id? string
---@field name? string
---@field name_aliases? string[]
---@field restricted? boolean
---@field type string

---@class ddokta.datadog.PermissionId
---@field id string

---@class ddokta.datadog.PersonalAccessToken
---@field created_at? string
---@field expires_at? string
---@field id? string
---@field last_used_at? string
---@field modified_at? string
---@field name? string
---@field owned_by? ddokta.datadog.Reference
---@field public_portion? string
---@field scopes? string[]
---@field type? string

---@class ddokta.datadog.PersonalAccessTokenCreate
---@field expires_at string
---@field name string
---@field scopes string[]

---@class ddokta.datadog.PersonalAccessTokenUpdate
---@field id? string
---@field name? string
---@field scopes? string[]

---@class ddokta.datadog.Reference
---@field data ddokta.datadog.Identifier

---@class ddokta.datadog.References
---@field data ddokta.datadog.Identifier[]

---@class ddokta.datadog.Role
---@field created_at? string
---@field id? string
---@field modified_at? string
---@field name? string
---@field permissions? ddokta.datadog.References
---@field receives_permissions_from? string[]
---@field type string
---@field user_count? integer

---@class ddokta.datadog.RoleClone
---@field name string
---@field receives_permissions_from? string[]

---@class ddokta.datadog.RoleCreate
---@field name string
---@field permissions? string[]|ddokta.datadog.References
---@field receives_permissions_from? string[]

---@class ddokta.datadog.RoleCreated
---@field created_at? string
---@field id? string
---@field modified_at? string
---@field name string
---@field permissions? ddokta.datadog.References
---@field receives_permissions_from? string[]
---@field type string

---@class ddokta.datadog.RoleTemplate
---@field description? string
---@field id? string
---@field name? string
---@field type string

---@class ddokta.datadog.RoleUpdate
---@field id? string
---@field name? string
---@field permissions? string[]|ddokta.datadog.References
---@field receives_permissions_from? string[]
---@field user_count? integer

---@class ddokta.datadog.SamlConfiguration
---@field assertion_consumer_service? string[]
---@field created_at? string
---@field default_roles? ddokta.datadog.References
---@field entity_id? string
---@field expires_at? string
---@field id string
---@field idp_initiated? boolean
---@field jit_domains? string[]
---@field modified_at? string
---@field sso_url? string
---@field type string

---@class ddokta.datadog.SamlConfigurationUpdate
---@field default_roles? string[]|ddokta.datadog.References
---@field id? string
---@field idp_initiated? boolean
---@field jit_domains? string[]

---@class ddokta.datadog.ScimAttribute
---@field canonicalValues? string[]
---@field caseExact? boolean
---@field description? string
---@field multiValued? boolean
---@field mutability? string
---@field name? string
---@field referenceTypes? string[]
---@field required? boolean
---@field returned? string
---@field subAttributes? ddokta.datadog.ScimAttribute[]
---@field type? string
---@field uniqueness? string

---@class ddokta.datadog.ScimEmail
---@field primary? boolean
---@field type? string
---@field value? string

---@class ddokta.datadog.ScimGroup
---@field displayName string
---@field externalId? string
---@field id? string
---@field members? ddokta.datadog.ScimMember[]
---@field meta? ddokta.datadog.ScimMeta
---@field schemas? string[]

---@class ddokta.datadog.ScimGroupBody
---@field displayName string
---@field externalId? string
---@field id? string
---@field members? ddokta.datadog.ScimMember[]
---@field schemas? string[]

---@class ddokta.datadog.ScimGroupPatchOperation
---@field op? string
---@field path? string
---@field value? any

---@class ddokta.datadog.ScimMember
---@field ["$ref"] string?
---@field display? string
---@field type? string
---@field value? string

---@class ddokta.datadog.ScimMeta
---@field created? string
---@field lastModified? string
---@field location? string
---@field resourceType? string

---@class ddokta.datadog.ScimName
---@field formatted? string

---@class ddokta.datadog.ScimResourceType
---@field description? string
---@field endpoint? string
---@field id? string
---@field meta? ddokta.datadog.ScimResourceTypeMeta
---@field name? string
---@field schema? string
---@field schemas? string[]

---@class ddokta.datadog.ScimResourceTypeMeta
---@field location? string
---@field resourceType? string

---@class ddokta.datadog.ScimRole
---@field display? string
---@field primary? boolean
---@field type? string
---@field value? string

---@class ddokta.datadog.ScimSchema
---@field attributes? ddokta.datadog.ScimAttribute[]
---@field description? string
---@field id? string
---@field meta? ddokta.datadog.ScimMeta
---@field name? string
---@field schemas? string[]

---@class ddokta.datadog.ScimUser
---@field active? boolean
---@field emails? ddokta.datadog.ScimEmail[]
---@field id? string
---@field meta? ddokta.datadog.ScimMeta
---@field name? ddokta.datadog.ScimName
---@field roles? ddokta.datadog.ScimRole[]
---@field schemas? string[]
---@field title? string
---@field userName string

---@class ddokta.datadog.ScimUserBody
---@field active? boolean
---@field emails? ddokta.datadog.ScimEmail[]
---@field id? string
---@field name? ddokta.datadog.ScimName
---@field roles? ddokta.datadog.ScimRole[]
---@field schemas? string[]
---@field title? string
---@field userName string

---@class ddokta.datadog.ScimUserPatchOperation
---@field op? string
---@field path? string
---@field value? any

---@class ddokta.datadog.ServiceAccessToken
---@field created_at? string
---@field expires_at? string
---@field id? string
---@field last_used_at? string
---@field modified_at? string
---@field name? string
---@field owned_by? ddokta.datadog.Reference
---@field public_portion? string
---@field scopes? string[]
---@field type? string

---@class ddokta.datadog.ServiceAccountAccessTokenCreate
---@field expires_at? string
---@field name string
---@field scopes string[]

---@class ddokta.datadog.ServiceAccountAccessTokenUpdate
---@field id? string
---@field name? string
---@field scopes? string[]

---@class ddokta.datadog.ServiceAccountCreate
---@field email string
---@field name? string
---@field roles? string[]|ddokta.datadog.References
---@field service_account boolean
---@field title? string

---@class ddokta.datadog.Team
---@field avatar? string
---@field banner? integer
---@field created_at? string
---@field description? string
---@field handle string
---@field hidden_modules? string[]
---@field id string
---@field is_managed? boolean
---@field link_count? integer
---@field modified_at? string
---@field name string
---@field summary? string
---@field team_links? ddokta.datadog.References
---@field type string
---@field user_count? integer
---@field user_team_permissions? ddokta.datadog.Reference
---@field visible_modules? string[]

---@class ddokta.datadog.TeamConnection
---@field connected_team? ddokta.datadog.Reference
---@field id string
---@field managed_by? string
---@field source? string
---@field team? ddokta.datadog.Reference
---@field type string

---@class ddokta.datadog.TeamConnectionCreate
---@field connected_team? string|ddokta.datadog.Reference
---@field managed_by? string
---@field source? string
---@field team? string|ddokta.datadog.Reference

---@class ddokta.datadog.TeamConnectionId
---@field id string

---@class ddokta.datadog.TeamCreate
---@field avatar? string
---@field banner? integer
---@field description? string
---@field handle string
---@field hidden_modules? string[]
---@field name string
---@field users? string[]|ddokta.datadog.References
---@field visible_modules? string[]

---@class ddokta.datadog.TeamHierarchyLink
---@field created_at string
---@field id string
---@field parent_team ddokta.datadog.Reference
---@field provisioned_by string
---@field sub_team ddokta.datadog.Reference
---@field type string

---@class ddokta.datadog.TeamHierarchyLinkCreate
---@field parent_team string|ddokta.datadog.Reference
---@field sub_team string|ddokta.datadog.Reference

---@class ddokta.datadog.TeamLink
---@field id string
---@field label string
---@field position? integer
---@field team_id? string
---@field type string
---@field url string

---@class ddokta.datadog.TeamLinkCreate
---@field label string
---@field position? integer
---@field url string

---@class ddokta.datadog.TeamMembership
---@field id string
---@field provisioned_by? string
---@field provisioned_by_id? string
---@field role? string
---@field team? ddokta.datadog.Reference
---@field type string
---@field user? ddokta.datadog.Reference

---@class ddokta.datadog.TeamMembershipCreate
---@field role? string
---@field team? string|ddokta.datadog.Reference
---@field user? string|ddokta.datadog.Reference

---@class ddokta.datadog.TeamMembershipUpdate
---@field role? string

---@class ddokta.datadog.TeamNotificationEmail
---@field enabled? boolean

---@class ddokta.datadog.TeamNotificationMsTeams
---@field connector_name? string

---@class ddokta.datadog.TeamNotificationPagerduty
---@field service_name? string

---@class ddokta.datadog.TeamNotificationRule
---@field email? ddokta.datadog.TeamNotificationEmail
---@field id? string
---@field ms_teams? ddokta.datadog.TeamNotificationMsTeams
---@field pagerduty? ddokta.datadog.TeamNotificationPagerduty
---@field slack? ddokta.datadog.TeamNotificationSlack
---@field type string

---@class ddokta.datadog.TeamNotificationRuleWrite
---@field email? ddokta.datadog.TeamNotificationEmail
---@field id? string
---@field ms_teams? ddokta.datadog.TeamNotificationMsTeams
---@field pagerduty? ddokta.datadog.TeamNotificationPagerduty
---@field slack? ddokta.datadog.TeamNotificationSlack

---@class ddokta.datadog.TeamNotificationSlack
---@field channel? string
---@field workspace? string

---@class ddokta.datadog.TeamPermissionSetting
---@field action? string
---@field editable? boolean
---@field id string
---@field options? string[]
---@field title? string
---@field type string
---@field value? string

---@class ddokta.datadog.TeamPermissionSettingUpdate
---@field value? string

---@class ddokta.datadog.TeamSync
---@field attributes? table<string, any>
---@field frequency? string
---@field id? string
---@field selection_state? ddokta.datadog.TeamSyncItem[]
---@field source string
---@field sync_membership? boolean
---@field type string

---@class ddokta.datadog.TeamSyncCreate
---@field frequency? string
---@field id? string
---@field selection_state? ddokta.datadog.TeamSyncItem[]
---@field source string
---@field sync_membership? boolean
---@field type string

---@class ddokta.datadog.TeamSyncExternalId
---@field type string
---@field value string

---@class ddokta.datadog.TeamSyncItem
---@field external_id ddokta.datadog.TeamSyncExternalId
---@field operation? string
---@field scope? string

---@class ddokta.datadog.TeamUpdate
---@field avatar? string
---@field banner? integer
---@field description? string
---@field handle string
---@field hidden_modules? string[]
---@field name string
---@field team_links? string[]|ddokta.datadog.References
---@field visible_modules? string[]

---@class ddokta.datadog.User
---@field created_at? string
---@field disabled? boolean
---@field email? string
---@field handle? string
---@field icon? string
---@field id? string
---@field last_login_time? string
---@field mfa_enabled? boolean
---@field modified_at? string
---@field name? string
---@field org? ddokta.datadog.Reference
---@field other_orgs? ddokta.datadog.References
---@field other_users? ddokta.datadog.References
---@field roles? ddokta.datadog.References
---@field service_account? boolean
---@field status? string
---@field title? string
---@field type? string
---@field uuid? string
---@field verified? boolean

---@class ddokta.datadog.UserCreate
---@field email string
---@field name? string
---@field roles? string[]|ddokta.datadog.References
---@field title? string

---@class ddokta.datadog.UserId
---@field id string

---@class ddokta.datadog.UserIdentityProvider
---@field authentication_method string
---@field id string
---@field type string

---@class ddokta.datadog.UserInvitation
---@field created_at? string
---@field expires_at? string
---@field id? string
---@field invite_type? string
---@field type? string
---@field user ddokta.datadog.Reference
---@field uuid? string

---@class ddokta.datadog.UserInvitationCreate
---@field user string|ddokta.datadog.Reference

---@class ddokta.datadog.UserUpdate
---@field disabled? boolean
---@field email? string
---@field id? string
---@field name? string
---@field title? string

---@class ddokta.datadog.Validation
---@field api_key_id string
---@field api_key_scopes string[]
---@field id string
---@field type string
---@field valid boolean

---@class ddokta.datadog.GetApiKeyQuery
---@field include? string

---@class ddokta.datadog.GetApplicationKeyQuery
---@field include? string

---@class ddokta.datadog.GetTeamMembershipsQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter_keyword? string filter[keyword]

---@class ddokta.datadog.GetTeamSyncQuery
---@field filter_source? string filter[source], required

---@class ddokta.datadog.ListApiKeysQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string
---@field filter_created_at_start? string filter[created_at][start]
---@field filter_created_at_end? string filter[created_at][end]
---@field filter_modified_at_start? string filter[modified_at][start]
---@field filter_modified_at_end? string filter[modified_at][end]
---@field include? string
---@field filter_remote_config_read_enabled? boolean filter[remote_config_read_enabled]
---@field filter_category? string filter[category]

---@class ddokta.datadog.ListApplicationKeysQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string
---@field filter_created_at_start? string filter[created_at][start]
---@field filter_created_at_end? string filter[created_at][end]
---@field include? string
---@field filter_owned_by? string filter[owned_by]

---@class ddokta.datadog.ListAuthnMappingsQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string
---@field resource_type? string

---@class ddokta.datadog.ListCurrentUserApplicationKeysQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string
---@field filter_created_at_start? string filter[created_at][start]
---@field filter_created_at_end? string filter[created_at][end]
---@field include? string

---@class ddokta.datadog.ListIdentityProviderUsersQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field sort_dir? string
---@field filter? string
---@field filter_status? string filter[status]

---@class ddokta.datadog.ListMemberTeamsQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field fields_team? string[] fields[team]

---@class ddokta.datadog.ListPersonalAccessTokensQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string
---@field filter_owned_by? string[] filter[owned_by]

---@class ddokta.datadog.ListRoleUsersQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string

---@class ddokta.datadog.ListRolesQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string
---@field filter_id? string filter[id]

---@class ddokta.datadog.ListScimGroupsQuery
---@field start_index? integer startIndex
---@field count? integer
---@field filter? string
---@field cursor? string

---@class ddokta.datadog.ListScimUsersQuery
---@field start_index? integer startIndex
---@field count? integer
---@field filter? string
---@field cursor? string

---@class ddokta.datadog.ListServiceAccountAccessTokensQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string

---@class ddokta.datadog.ListServiceAccountApplicationKeysQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field filter? string
---@field filter_created_at_start? string filter[created_at][start]
---@field filter_created_at_end? string filter[created_at][end]

---@class ddokta.datadog.ListTeamConnectionsQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field filter_sources? string[] filter[sources]
---@field filter_team_ids? string[] filter[team_ids]
---@field filter_connected_team_ids? string[] filter[connected_team_ids]
---@field filter_connection_ids? string[] filter[connection_ids]

---@class ddokta.datadog.ListTeamHierarchyLinksQuery
---@field page_number? integer page[number]
---@field page_size? integer page[size]
---@field filter_parent_team? string filter[parent_team]
---@field filter_sub_team? string filter[sub_team]

---@class ddokta.datadog.ListTeamsQuery
---@field page_number? integer page[number]
---@field page_size? integer page[size]
---@field sort? string
---@field include? string[]
---@field filter_keyword? string filter[keyword]
---@field filter_me? boolean filter[me]
---@field fields_team? string[] fields[team]

---@class ddokta.datadog.ListUsersQuery
---@field page_size? integer page[size]
---@field page_number? integer page[number]
---@field sort? string
---@field sort_dir? string
---@field filter? string
---@field filter_status? string filter[status]

---@class ddokta.Datadog: ddokta.Client
local Datadog = {}

---A light view of the same client whose calls use other options.
---@param options ddokta.ViewOptions
---@return ddokta.Datadog
function Datadog:with(options) end

---POST /api/v2/team/{super_team_id}/member_teams, needs teams_read
---
---An id alone will do as the body.
---
---Unstable: the service may change it.
---
---The service may have removed it after 2026-06-01.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#add-a-member-team)
---@deprecated
---@param super_team_id string
---@param body ddokta.datadog.MemberTeamId|ddokta.Envelope|string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:add_member_team(super_team_id, body) end

---POST /api/v2/roles/{role_id}/permissions, needs user_access_manage
---
---An id alone will do as the body.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#grant-permission-to-a-role)
---@param role_id string
---@param body ddokta.datadog.PermissionId|ddokta.Envelope|string
---@return ddokta.datadog.Permission[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:add_permission_to_role(role_id, body) end

---POST /api/v2/team-hierarchy-links, needs teams_read and teams_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#create-a-team-hierarchy-link)
---@param body ddokta.datadog.TeamHierarchyLinkCreate|ddokta.Envelope
---@return ddokta.datadog.TeamHierarchyLink? result
---@return ddokta.Response|ddokta.Error response
function Datadog:add_team_hierarchy_link(body) end

---POST /api/v2/roles/{role_id}/users, needs user_access_manage
---
---An id alone will do as the body.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#add-a-user-to-a-role)
---@param role_id string
---@param body ddokta.datadog.UserId|ddokta.Envelope|string
---@return ddokta.datadog.User[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:add_user_to_role(role_id, body) end

---PUT /api/v2/anonymize_users
---
---Unstable: the service may change it.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#anonymize-users)
---@param body ddokta.datadog.AnonymizeUsers|ddokta.datadog.AnonymizedUsers|ddokta.Envelope
---@return ddokta.datadog.AnonymizedUsers? result
---@return ddokta.Response|ddokta.Error response
function Datadog:anonymize_users(body) end

---POST /api/v2/roles/{role_id}/clone, needs user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#create-a-new-role-by-cloning-an-existing-role)
---@param role_id string
---@param body ddokta.datadog.RoleClone|ddokta.Envelope
---@return ddokta.datadog.Role? result
---@return ddokta.Response|ddokta.Error response
function Datadog:clone_role(role_id, body) end

---POST /api/v2/api_keys, needs api_keys_write
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#create-an-api-key)
---@param body ddokta.datadog.ApiKeyCreate|ddokta.Envelope
---@return ddokta.datadog.FullApiKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_api_key(body) end

---POST /api/v2/authn_mappings, needs user_access_manage
---
---A mapping is to a `role` or to a `team`.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/authn-mappings/#create-an-authn-mapping)
---@param body ddokta.datadog.AuthnMappingCreate|ddokta.Envelope
---@return ddokta.datadog.AuthnMapping? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_authn_mapping(body) end

---POST /api/v1/org, needs org_management
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#create-a-child-organization)
---@param body ddokta.datadog.OrganizationCreate
---@return ddokta.datadog.OrganizationCreated? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_child_org(body) end

---POST /api/v2/current_user/application_keys, needs user_app_keys
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#create-an-application-key-for-current-user)
---@param body ddokta.datadog.ApplicationKeyCreate|ddokta.Envelope
---@return ddokta.datadog.FullApplicationKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_current_user_application_key(body) end

---POST /api/v2/integrations/okta/accounts, needs manage_integrations
---
---An `id` that is sent is ignored. `client_secret` and `api_key` are never answered again.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/okta-integration/#add-okta-account)
---@param body ddokta.datadog.OktaAccountCreate|ddokta.Envelope
---@return ddokta.datadog.OktaAccount? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_okta_account(body) end

---POST /api/v2/personal_access_tokens
---
---Its `key` is answered here and never again.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#create-personal-access-token)
---@param body ddokta.datadog.PersonalAccessTokenCreate|ddokta.Envelope
---@return ddokta.datadog.FullPersonalAccessToken? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_personal_access_token(body) end

---POST /api/v2/roles, needs user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#create-role)
---@param body ddokta.datadog.RoleCreate|ddokta.Envelope
---@return ddokta.datadog.RoleCreated? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_role(body) end

---POST /api/v2/scim/Groups, needs user_access_invite and user_access_manage
---
---Its members must be users already.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#create-scim-group)
---@param body ddokta.datadog.ScimGroupBody
---@return ddokta.datadog.ScimGroup? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_scim_group(body) end

---POST /api/v2/scim/Users, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#create-scim-user)
---@param body ddokta.datadog.ScimUserBody
---@return ddokta.datadog.ScimUser? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_scim_user(body) end

---POST /api/v2/service_accounts, needs service_account_write
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#create-a-service-account)
---@param body ddokta.datadog.ServiceAccountCreate|ddokta.Envelope
---@return ddokta.datadog.User? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_service_account(body) end

---POST /api/v2/service_accounts/{service_account_id}/access_tokens
---
---Its `key` is answered here and never again.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#create-service-account-access-token)
---@param service_account_id string
---@param body ddokta.datadog.ServiceAccountAccessTokenCreate|ddokta.Envelope
---@return ddokta.datadog.FullServiceAccessToken? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_service_account_access_token(service_account_id, body) end

---POST /api/v2/service_accounts/{service_account_id}/application_keys, needs service_account_write
---
---Its `key` is answered here and never again.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#create-an-application-key-for-this-service-account)
---@param service_account_id string
---@param body ddokta.datadog.ApplicationKeyCreate|ddokta.Envelope
---@return ddokta.datadog.FullApplicationKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_service_account_application_key(service_account_id, body) end

---POST /api/v2/team, needs teams_read and teams_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#create-a-team)
---@param body ddokta.datadog.TeamCreate|ddokta.Envelope
---@return ddokta.datadog.Team? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_team(body) end

---POST /api/v2/team/connections, needs teams_read
---
---The body is one, or a list of them; ddokta.array{} is a list of none.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#create-team-connections)
---@param body ddokta.datadog.TeamConnectionCreate|ddokta.datadog.TeamConnectionCreate[]|ddokta.Envelope
---@return ddokta.datadog.TeamConnection[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_team_connections(body) end

---POST /api/v2/team/{team_id}/links, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#create-a-team-link)
---@param team_id string
---@param body ddokta.datadog.TeamLinkCreate|ddokta.Envelope
---@return ddokta.datadog.TeamLink? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_team_link(team_id, body) end

---POST /api/v2/team/{team_id}/memberships, needs teams_read
---
---`role` is `admin`, or absent for a member. A team that is managed gets its members from the identity
---provider.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#add-a-user-to-a-team)
---@param team_id string
---@param body ddokta.datadog.TeamMembershipCreate|ddokta.Envelope
---@return ddokta.datadog.TeamMembership? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_team_membership(team_id, body) end

---POST /api/v2/team/{team_id}/notification-rules, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#create-team-notification-rule)
---@param team_id string
---@param body ddokta.datadog.TeamNotificationRuleWrite|ddokta.Envelope
---@return ddokta.datadog.TeamNotificationRule? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_team_notification_rule(team_id, body) end

---POST /api/v2/users, needs user_access_invite
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#create-a-user)
---@param body ddokta.datadog.UserCreate|ddokta.Envelope
---@return ddokta.datadog.User? result
---@return ddokta.Response|ddokta.Error response
function Datadog:create_user(body) end

---DELETE /api/v2/api_keys/{api_key_id}, needs api_keys_delete
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#delete-an-api-key)
---@param api_key_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_api_key(api_key_id) end

---DELETE /api/v2/application_keys/{app_key_id}, needs org_app_keys_write
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#delete-an-application-key)
---@param app_key_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_application_key(app_key_id) end

---DELETE /api/v2/authn_mappings/{authn_mapping_id}, needs user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/authn-mappings/#delete-an-authn-mapping)
---@param authn_mapping_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_authn_mapping(authn_mapping_id) end

---DELETE /api/v2/current_user/application_keys/{app_key_id}, needs user_app_keys
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#delete-an-application-key-owned-by-current-user)
---@param app_key_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_current_user_application_key(app_key_id) end

---DELETE /api/v2/integrations/okta/accounts/{account_id}, needs manage_integrations
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/okta-integration/#delete-okta-account)
---@param account_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_okta_account(account_id) end

---DELETE /api/v2/roles/{role_id}, needs user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#delete-role)
---@param role_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_role(role_id) end

---DELETE /api/v2/scim/Groups/{group_id}, needs user_access_invite and user_access_manage
---
---The team stays: it loses its members and its link to the group.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#delete-scim-group)
---@param group_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_scim_group(group_id) end

---DELETE /api/v2/scim/Users/{user_uuid}, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#delete-scim-user)
---@param user_uuid string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_scim_user(user_uuid) end

---DELETE /api/v2/service_accounts/{service_account_id}/application_keys/{app_key_id}, needs service_account_write
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#delete-an-application-key-for-this-service-account)
---@param service_account_id string
---@param app_key_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_service_account_application_key(service_account_id, app_key_id) end

---DELETE /api/v2/team/{team_id}, needs teams_read and teams_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#remove-a-team)
---@param team_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_team(team_id) end

---DELETE /api/v2/team/connections, needs teams_read
---
---An id alone will do as the body.
---
---The body is one, or a list of them; ddokta.array{} is a list of none.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#delete-team-connections)
---@param body ddokta.datadog.TeamConnectionId|ddokta.datadog.TeamConnectionId[]|ddokta.Envelope|string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_team_connections(body) end

---DELETE /api/v2/team/{team_id}/links/{link_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#remove-a-team-link)
---@param team_id string
---@param link_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_team_link(team_id, link_id) end

---DELETE /api/v2/team/{team_id}/memberships/{user_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#remove-a-user-from-a-team)
---@param team_id string
---@param user_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_team_membership(team_id, user_id) end

---DELETE /api/v2/team/{team_id}/notification-rules/{rule_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#delete-team-notification-rule)
---@param team_id string
---@param rule_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_team_notification_rule(team_id, rule_id) end

---DELETE /api/v2/users/{user_id}/invitations
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#delete-user-invitations)
---@param user_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:delete_user_invitations(user_id) end

---DELETE /api/v2/users/{user_id}, needs user_access_manage or service_account_write
---
---The user is disabled, not removed.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#disable-a-user)
---@param user_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:disable_user(user_id) end

---GET /api/v2/api_keys/{api_key_id}, needs api_keys_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#get-api-key)
---@param api_key_id string
---@param query? ddokta.datadog.GetApiKeyQuery
---@return ddokta.datadog.FullApiKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_api_key(api_key_id, query) end

---GET /api/v2/application_keys/{app_key_id}, needs org_app_keys_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#get-an-application-key)
---@param app_key_id string
---@param query? ddokta.datadog.GetApplicationKeyQuery
---@return ddokta.datadog.FullApplicationKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_application_key(app_key_id, query) end

---GET /api/v2/authn_mappings/{authn_mapping_id}, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/authn-mappings/#get-an-authn-mapping-by-uuid)
---@param authn_mapping_id string
---@return ddokta.datadog.AuthnMapping? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_authn_mapping(authn_mapping_id) end

---GET /api/v2/current_user
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#get-current-user)
---@return ddokta.datadog.User? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_current_user() end

---GET /api/v2/current_user/application_keys/{app_key_id}, needs user_app_keys
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#get-one-application-key-owned-by-current-user)
---@param app_key_id string
---@return ddokta.datadog.FullApplicationKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_current_user_application_key(app_key_id) end

---GET /api/v2/user_invitations/{user_invitation_uuid}, needs user_access_invite
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#get-a-user-invitation)
---@param user_invitation_uuid string
---@return ddokta.datadog.UserInvitation? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_invitation(user_invitation_uuid) end

---GET /api/v2/integrations/okta/accounts/{account_id}, needs integrations_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/okta-integration/#get-okta-account)
---@param account_id string
---@return ddokta.datadog.OktaAccount? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_okta_account(account_id) end

---GET /api/v1/org/{public_id}
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#get-organization-information)
---@param public_id string
---@return ddokta.datadog.Organization? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_org(public_id) end

---GET /api/v2/org_configs/{org_config_name}
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#get-a-specific-org-config-value)
---@param org_config_name string
---@return ddokta.datadog.OrgConfig? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_org_config(org_config_name) end

---GET /api/v2/personal_access_tokens/{token_id}
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#get-personal-access-token)
---@param token_id string
---@return ddokta.datadog.PersonalAccessToken? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_personal_access_token(token_id) end

---GET /api/v2/roles/{role_id}, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#get-a-role)
---@param role_id string
---@return ddokta.datadog.Role? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_role(role_id) end

---GET /api/v2/saml_configurations/{saml_config_uuid}, needs org_management
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#get-saml-configuration)
---@param saml_config_uuid string
---@return ddokta.datadog.SamlConfiguration? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_saml_configuration(saml_config_uuid) end

---GET /api/v2/scim/Groups/{group_id}, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#get-scim-group)
---@param group_id string
---@return ddokta.datadog.ScimGroup? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_scim_group(group_id) end

---GET /api/v2/scim/ResourceTypes/{resource_id}, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#get-scim-resource-type)
---@param resource_id string
---@return ddokta.datadog.ScimResourceType? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_scim_resource_type(resource_id) end

---GET /api/v2/scim/Schemas/{schema_id}, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#get-scim-schema)
---@param schema_id string
---@return ddokta.datadog.ScimSchema? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_scim_schema(schema_id) end

---GET /api/v2/scim/Users/{user_uuid}, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#get-scim-user)
---@param user_uuid string
---@return ddokta.datadog.ScimUser? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_scim_user(user_uuid) end

---GET /api/v2/service_accounts/{service_account_id}/access_tokens/{token_id}
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#get-service-account-access-token)
---@param service_account_id string
---@param token_id string
---@return ddokta.datadog.ServiceAccessToken? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_service_account_access_token(service_account_id, token_id) end

---GET /api/v2/service_accounts/{service_account_id}/application_keys/{app_key_id}, needs service_account_write
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#get-one-application-key-for-this-service-account)
---@param service_account_id string
---@param app_key_id string
---@return ddokta.datadog.PartialApplicationKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_service_account_application_key(service_account_id, app_key_id) end

---GET /api/v2/team/{team_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-a-team)
---@param team_id string
---@return ddokta.datadog.Team? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team(team_id) end

---GET /api/v2/team-hierarchy-links/{link_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-a-team-hierarchy-link)
---@param link_id string
---@return ddokta.datadog.TeamHierarchyLink? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team_hierarchy_link(link_id) end

---GET /api/v2/team/{team_id}/links/{link_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-a-team-link)
---@param team_id string
---@param link_id string
---@return ddokta.datadog.TeamLink? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team_link(team_id, link_id) end

---GET /api/v2/team/{team_id}/links, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-links-for-a-team)
---@param team_id string
---@return ddokta.datadog.TeamLink[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team_links(team_id) end

---GET /api/v2/team/{team_id}/memberships, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-team-memberships)
---@param team_id string
---@param query? ddokta.datadog.GetTeamMembershipsQuery
---@return ddokta.datadog.TeamMembership[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team_memberships(team_id, query) end

---Every page of get_team_memberships; raises a ddokta.Error where one cannot be had.
---@param team_id string
---@param query? ddokta.datadog.GetTeamMembershipsQuery
---@return fun(): ddokta.datadog.TeamMembership? next_item
function Datadog:each_team_membership(team_id, query) end

---GET /api/v2/team/{team_id}/notification-rules/{rule_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-team-notification-rule)
---@param team_id string
---@param rule_id string
---@return ddokta.datadog.TeamNotificationRule? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team_notification_rule(team_id, rule_id) end

---GET /api/v2/team/{team_id}/notification-rules, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-team-notification-rules)
---@param team_id string
---@return ddokta.datadog.TeamNotificationRule[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team_notification_rules(team_id) end

---GET /api/v2/team/{team_id}/permission-settings, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-permission-settings-for-a-team)
---@param team_id string
---@return ddokta.datadog.TeamPermissionSetting[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team_permission_settings(team_id) end

---GET /api/v2/team/sync, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-team-sync-configurations)
---@param query ddokta.datadog.GetTeamSyncQuery
---@return ddokta.datadog.TeamSync[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_team_sync(query) end

---GET /api/v2/users/{user_id}, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#get-user-details)
---@param user_id string
---@return ddokta.datadog.User? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_user(user_id) end

---GET /api/v2/users/{user_id}/identity_providers
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#get-user-identity-providers)
---@param user_id string
---@return ddokta.datadog.UserIdentityProvider[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_user_identity_providers(user_id) end

---GET /api/v2/users/{user_uuid}/memberships, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-user-memberships)
---@param user_uuid string
---@return ddokta.datadog.TeamMembership[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:get_user_memberships(user_uuid) end

---GET /api/v2/api_keys, needs api_keys_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#get-all-api-keys)
---@param query? ddokta.datadog.ListApiKeysQuery
---@return ddokta.datadog.PartialApiKey[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_api_keys(query) end

---Every page of list_api_keys; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListApiKeysQuery
---@return fun(): ddokta.datadog.PartialApiKey? next_item
function Datadog:each_api_key(query) end

---GET /api/v2/application_keys, needs org_app_keys_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#get-all-application-keys)
---@param query? ddokta.datadog.ListApplicationKeysQuery
---@return ddokta.datadog.PartialApplicationKey[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_application_keys(query) end

---Every page of list_application_keys; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListApplicationKeysQuery
---@return fun(): ddokta.datadog.PartialApplicationKey? next_item
function Datadog:each_application_key(query) end

---GET /api/v2/authn_mappings, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/authn-mappings/#list-all-authn-mappings)
---@param query? ddokta.datadog.ListAuthnMappingsQuery
---@return ddokta.datadog.AuthnMapping[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_authn_mappings(query) end

---Every page of list_authn_mappings; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListAuthnMappingsQuery
---@return fun(): ddokta.datadog.AuthnMapping? next_item
function Datadog:each_authn_mapping(query) end

---GET /api/v2/current_user/application_keys, needs user_app_keys
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#get-all-application-keys-owned-by-current-user)
---@param query? ddokta.datadog.ListCurrentUserApplicationKeysQuery
---@return ddokta.datadog.PartialApplicationKey[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_current_user_application_keys(query) end

---Every page of list_current_user_application_keys; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListCurrentUserApplicationKeysQuery
---@return fun(): ddokta.datadog.PartialApplicationKey? next_item
function Datadog:each_current_user_application_key(query) end

---GET /api/v2/identity_providers/{idp_id}/users
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/identity-providers/#list-identity-provider-users)
---@param idp_id string
---@param query? ddokta.datadog.ListIdentityProviderUsersQuery
---@return ddokta.datadog.User[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_identity_provider_users(idp_id, query) end

---Every page of list_identity_provider_users; raises a ddokta.Error where one cannot be had.
---@param idp_id string
---@param query? ddokta.datadog.ListIdentityProviderUsersQuery
---@return fun(): ddokta.datadog.User? next_item
function Datadog:each_identity_provider_user(idp_id, query) end

---GET /api/v2/identity_providers
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/identity-providers/#list-identity-providers)
---@return ddokta.datadog.IdentityProvider[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_identity_providers() end

---GET /api/v2/team/{super_team_id}/member_teams, needs teams_read
---
---Unstable: the service may change it.
---
---The service may have removed it after 2026-06-01.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-all-member-teams)
---@deprecated
---@param super_team_id string
---@param query? ddokta.datadog.ListMemberTeamsQuery
---@return ddokta.datadog.Team[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_member_teams(super_team_id, query) end

---Every page of list_member_teams; raises a ddokta.Error where one cannot be had.
---@param super_team_id string
---@param query? ddokta.datadog.ListMemberTeamsQuery
---@return fun(): ddokta.datadog.Team? next_item
function Datadog:each_member_team(super_team_id, query) end

---GET /api/v2/integrations/okta/accounts, needs integrations_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/okta-integration/#list-okta-accounts)
---@return ddokta.datadog.OktaAccount[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_okta_accounts() end

---GET /api/v2/org_configs
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#list-org-configs)
---@return ddokta.datadog.OrgConfig[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_org_configs() end

---GET /api/v1/org, needs org_management
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#list-your-managed-organizations)
---@return ddokta.datadog.Organization[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_orgs() end

---GET /api/v2/permissions, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#list-permissions)
---@return ddokta.datadog.Permission[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_permissions() end

---GET /api/v2/personal_access_tokens
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#list-personal-access-tokens)
---@param query? ddokta.datadog.ListPersonalAccessTokensQuery
---@return ddokta.datadog.AccessToken[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_personal_access_tokens(query) end

---Every page of list_personal_access_tokens; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListPersonalAccessTokensQuery
---@return fun(): ddokta.datadog.AccessToken? next_item
function Datadog:each_personal_access_token(query) end

---GET /api/v2/roles/{role_id}/permissions, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#list-permissions-for-a-role)
---@param role_id string
---@return ddokta.datadog.Permission[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_role_permissions(role_id) end

---GET /api/v2/roles/templates, needs user_access_read
---
---Unstable: the service may change it.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#list-role-templates)
---@return ddokta.datadog.RoleTemplate[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_role_templates() end

---GET /api/v2/roles/{role_id}/users, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#get-all-users-of-a-role)
---@param role_id string
---@param query? ddokta.datadog.ListRoleUsersQuery
---@return ddokta.datadog.User[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_role_users(role_id, query) end

---Every page of list_role_users; raises a ddokta.Error where one cannot be had.
---@param role_id string
---@param query? ddokta.datadog.ListRoleUsersQuery
---@return fun(): ddokta.datadog.User? next_item
function Datadog:each_role_user(role_id, query) end

---GET /api/v2/roles, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#list-roles)
---@param query? ddokta.datadog.ListRolesQuery
---@return ddokta.datadog.Role[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_roles(query) end

---Every page of list_roles; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListRolesQuery
---@return fun(): ddokta.datadog.Role? next_item
function Datadog:each_role(query) end

---GET /api/v2/saml_configurations, needs org_management
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#list-saml-configurations)
---@return ddokta.datadog.SamlConfiguration[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_saml_configurations() end

---GET /api/v2/scim/Groups, needs user_access_invite and user_access_manage
---
---Without `count` the service gives 20. It filters by `displayName eq "..."`, `externalId eq "..."`, and
---`id eq "..." and members eq "..."`.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#list-scim-groups)
---@param query? ddokta.datadog.ListScimGroupsQuery
---@return ddokta.datadog.ScimGroup[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_scim_groups(query) end

---Every page of list_scim_groups; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListScimGroupsQuery
---@return fun(): ddokta.datadog.ScimGroup? next_item
function Datadog:each_scim_group(query) end

---GET /api/v2/scim/ResourceTypes, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#list-scim-resource-types)
---@return ddokta.datadog.ScimResourceType[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_scim_resource_types() end

---GET /api/v2/scim/Schemas, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#list-scim-schemas)
---@return ddokta.datadog.ScimSchema[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_scim_schemas() end

---GET /api/v2/scim/Users, needs user_access_invite and user_access_manage
---
---Without `count` the service gives 20. It filters by `userName eq "..."` alone.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#list-scim-users)
---@param query? ddokta.datadog.ListScimUsersQuery
---@return ddokta.datadog.ScimUser[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_scim_users(query) end

---Every page of list_scim_users; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListScimUsersQuery
---@return fun(): ddokta.datadog.ScimUser? next_item
function Datadog:each_scim_user(query) end

---GET /api/v2/service_accounts/{service_account_id}/access_tokens
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#list-service-account-access-tokens)
---@param service_account_id string
---@param query? ddokta.datadog.ListServiceAccountAccessTokensQuery
---@return ddokta.datadog.ServiceAccessToken[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_service_account_access_tokens(service_account_id, query) end

---Every page of list_service_account_access_tokens; raises a ddokta.Error where one cannot be had.
---@param service_account_id string
---@param query? ddokta.datadog.ListServiceAccountAccessTokensQuery
---@return fun(): ddokta.datadog.ServiceAccessToken? next_item
function Datadog:each_service_account_access_token(service_account_id, query) end

---GET /api/v2/service_accounts/{service_account_id}/application_keys, needs service_account_write
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#list-application-keys-for-this-service-account)
---@param service_account_id string
---@param query? ddokta.datadog.ListServiceAccountApplicationKeysQuery
---@return ddokta.datadog.PartialApplicationKey[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_service_account_application_keys(service_account_id, query) end

---Every page of list_service_account_application_keys; raises a ddokta.Error where one cannot be had.
---@param service_account_id string
---@param query? ddokta.datadog.ListServiceAccountApplicationKeysQuery
---@return fun(): ddokta.datadog.PartialApplicationKey? next_item
function Datadog:each_service_account_application_key(service_account_id, query) end

---GET /api/v2/team/connections, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#list-team-connections)
---@param query? ddokta.datadog.ListTeamConnectionsQuery
---@return ddokta.datadog.TeamConnection[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_team_connections(query) end

---Every page of list_team_connections; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListTeamConnectionsQuery
---@return fun(): ddokta.datadog.TeamConnection? next_item
function Datadog:each_team_connection(query) end

---GET /api/v2/team-hierarchy-links, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-team-hierarchy-links)
---@param query? ddokta.datadog.ListTeamHierarchyLinksQuery
---@return ddokta.datadog.TeamHierarchyLink[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_team_hierarchy_links(query) end

---Every page of list_team_hierarchy_links; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListTeamHierarchyLinksQuery
---@return fun(): ddokta.datadog.TeamHierarchyLink? next_item
function Datadog:each_team_hierarchy_link(query) end

---GET /api/v2/team, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#get-all-teams)
---@param query? ddokta.datadog.ListTeamsQuery
---@return ddokta.datadog.Team[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_teams(query) end

---Every page of list_teams; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListTeamsQuery
---@return fun(): ddokta.datadog.Team? next_item
function Datadog:each_team(query) end

---GET /api/v2/users/{user_id}/orgs
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#get-a-user-organization)
---@param user_id string
---@return ddokta.datadog.User? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_user_organizations(user_id) end

---GET /api/v2/users/{user_id}/permissions, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#get-a-user-permissions)
---@param user_id string
---@return ddokta.datadog.Permission[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_user_permissions(user_id) end

---GET /api/v2/users, needs user_access_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#list-all-users)
---@param query? ddokta.datadog.ListUsersQuery
---@return ddokta.datadog.User[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:list_users(query) end

---Every page of list_users; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.datadog.ListUsersQuery
---@return fun(): ddokta.datadog.User? next_item
function Datadog:each_user(query) end

---PATCH /api/v2/scim/Groups/{group_id}, needs user_access_invite and user_access_manage
---
---The operations are made with ddokta.scim: scim.replace, scim.add, scim.remove.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#patch-scim-group)
---@param group_id string
---@param operations ddokta.scim.Operation|ddokta.scim.Operation[]|ddokta.scim.Patch
---@return ddokta.datadog.ScimGroup? result
---@return ddokta.Response|ddokta.Error response
function Datadog:patch_scim_group(group_id, operations) end

---PATCH /api/v2/scim/Users/{user_uuid}, needs user_access_invite and user_access_manage
---
---The operations are made with ddokta.scim: scim.replace, scim.add, scim.remove.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#patch-scim-user)
---@param user_uuid string
---@param operations ddokta.scim.Operation|ddokta.scim.Operation[]|ddokta.scim.Patch
---@return ddokta.datadog.ScimUser? result
---@return ddokta.Response|ddokta.Error response
function Datadog:patch_scim_user(user_uuid, operations) end

---DELETE /api/v2/team/{super_team_id}/member_teams/{member_team_id}, needs teams_read
---
---Unstable: the service may change it.
---
---The service may have removed it after 2026-06-01.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#remove-a-member-team)
---@deprecated
---@param super_team_id string
---@param member_team_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:remove_member_team(super_team_id, member_team_id) end

---DELETE /api/v2/roles/{role_id}/permissions, needs user_access_manage
---
---An id alone will do as the body.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#revoke-permission)
---@param role_id string
---@param body ddokta.datadog.PermissionId|ddokta.datadog.Permission[]|ddokta.Envelope|string
---@return ddokta.datadog.Permission[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:remove_permission_from_role(role_id, body) end

---DELETE /api/v2/team-hierarchy-links/{link_id}, needs teams_read and teams_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#remove-a-team-hierarchy-link)
---@param link_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:remove_team_hierarchy_link(link_id) end

---DELETE /api/v2/roles/{role_id}/users, needs user_access_manage
---
---An id alone will do as the body.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#remove-a-user-from-a-role)
---@param role_id string
---@param body ddokta.datadog.UserId|ddokta.datadog.User[]|ddokta.Envelope|string
---@return ddokta.datadog.User[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:remove_user_from_role(role_id, body) end

---DELETE /api/v2/personal_access_tokens/{token_id}
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#revoke-personal-access-token)
---@param token_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:revoke_personal_access_token(token_id) end

---DELETE /api/v2/service_accounts/{service_account_id}/access_tokens/{token_id}
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#revoke-service-account-access-token)
---@param service_account_id string
---@param token_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:revoke_service_account_access_token(service_account_id, token_id) end

---POST /api/v2/user_invitations, needs user_access_invite
---
---The body is one, or a list of them; ddokta.array{} is a list of none.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#send-invitation-emails)
---@param body ddokta.datadog.UserInvitationCreate|ddokta.datadog.UserInvitationCreate[]|ddokta.Envelope
---@return ddokta.datadog.UserInvitation[]? result
---@return ddokta.Response|ddokta.Error response
function Datadog:send_invitations(body) end

---POST /api/v2/team/sync, needs teams_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#link-teams-with-github-teams)
---@param body ddokta.datadog.TeamSyncCreate|ddokta.Envelope
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:sync_teams(body) end

---PATCH /api/v2/api_keys/{api_key_id}, needs api_keys_write
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#edit-an-api-key)
---@param api_key_id string
---@param body ddokta.datadog.ApiKeyUpdate|ddokta.datadog.FullApiKey|ddokta.Envelope
---@return ddokta.datadog.FullApiKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_api_key(api_key_id, body) end

---PATCH /api/v2/application_keys/{app_key_id}, needs org_app_keys_write
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#edit-an-application-key)
---@param app_key_id string
---@param body ddokta.datadog.ApplicationKeyUpdate|ddokta.datadog.FullApplicationKey|ddokta.Envelope
---@return ddokta.datadog.FullApplicationKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_application_key(app_key_id, body) end

---PATCH /api/v2/authn_mappings/{authn_mapping_id}, needs user_access_manage
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/authn-mappings/#edit-an-authn-mapping)
---@param authn_mapping_id string
---@param body ddokta.datadog.AuthnMappingUpdate|ddokta.datadog.AuthnMapping|ddokta.Envelope
---@return ddokta.datadog.AuthnMapping? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_authn_mapping(authn_mapping_id, body) end

---PATCH /api/v2/current_user
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#update-current-user)
---@param body ddokta.datadog.CurrentUserUpdate|ddokta.datadog.User|ddokta.Envelope
---@return ddokta.datadog.User? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_current_user(body) end

---PATCH /api/v2/current_user/application_keys/{app_key_id}, needs user_app_keys
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#edit-an-application-key-owned-by-current-user)
---@param app_key_id string
---@param body ddokta.datadog.ApplicationKeyUpdate|ddokta.datadog.FullApplicationKey|ddokta.Envelope
---@return ddokta.datadog.FullApplicationKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_current_user_application_key(app_key_id, body) end

---PATCH /api/v2/identity_providers/{idp_id}
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/identity-providers/#update-identity-provider)
---@param idp_id string
---@param body ddokta.datadog.IdentityProviderUpdate|ddokta.datadog.IdentityProvider|ddokta.Envelope
---@return ddokta.datadog.IdentityProvider? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_identity_provider(idp_id, body) end

---PUT /api/v2/login/org_configs/max_session_duration
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#update-login-org-configs-max-session-duration)
---@param body ddokta.datadog.MaxSessionDuration|ddokta.Envelope
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_login_org_configs_max_session_duration(body) end

---PATCH /api/v2/integrations/okta/accounts/{account_id}, needs manage_integrations
---
---The account gets another `id`, which is in the answer; the old one is unknown from then on and answers 400.
---Its name cannot be changed.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/okta-integration/#update-okta-account)
---@param account_id string
---@param body ddokta.datadog.OktaAccountUpdate|ddokta.datadog.OktaAccount|ddokta.Envelope
---@return ddokta.datadog.OktaAccount? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_okta_account(account_id, body) end

---PUT /api/v1/org/{public_id}
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#update-your-organization)
---@param public_id string
---@param body ddokta.datadog.OrganizationBody|ddokta.datadog.Organization
---@return ddokta.datadog.Organization? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_org(public_id, body) end

---PATCH /api/v2/org_configs/{org_config_name}, needs org_management
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#update-a-specific-org-config)
---@param org_config_name string
---@param body ddokta.datadog.OrgConfigUpdate|ddokta.datadog.OrgConfig|ddokta.Envelope
---@return ddokta.datadog.OrgConfig? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_org_config(org_config_name, body) end

---PATCH /api/v2/org/saml_configurations, needs org_management
---
---`default_role_uuids` has one role.
---
---Unstable: the service may change it.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#update-org-saml-configurations)
---@param body ddokta.datadog.OrgSamlPreferences|ddokta.Envelope
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_org_saml_configurations(body) end

---PATCH /api/v2/personal_access_tokens/{token_id}
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#update-personal-access-token)
---@param token_id string
---@param body ddokta.datadog.PersonalAccessTokenUpdate|ddokta.datadog.PersonalAccessToken|ddokta.Envelope
---@return ddokta.datadog.PersonalAccessToken? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_personal_access_token(token_id, body) end

---PATCH /api/v2/roles/{role_id}, needs user_access_manage
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/roles/#update-a-role)
---@param role_id string
---@param body ddokta.datadog.RoleUpdate|ddokta.datadog.Role|ddokta.Envelope
---@return ddokta.datadog.Role? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_role(role_id, body) end

---PATCH /api/v2/saml_configurations/{saml_config_uuid}, needs org_management
---
---Users are created as they log in where `jit_domains` has domains, which needs a default role.
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#update-saml-configuration)
---@param saml_config_uuid string
---@param body ddokta.datadog.SamlConfigurationUpdate|ddokta.datadog.SamlConfiguration|ddokta.Envelope
---@return ddokta.datadog.SamlConfiguration? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_saml_configuration(saml_config_uuid, body) end

---PUT /api/v2/scim/Groups/{group_id}, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#update-scim-group)
---@param group_id string
---@param body ddokta.datadog.ScimGroupBody|ddokta.datadog.ScimGroup
---@return ddokta.datadog.ScimGroup? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_scim_group(group_id, body) end

---PUT /api/v2/scim/Users/{user_uuid}, needs user_access_invite and user_access_manage
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/scim/#update-scim-user)
---@param user_uuid string
---@param body ddokta.datadog.ScimUserBody|ddokta.datadog.ScimUser
---@return ddokta.datadog.ScimUser? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_scim_user(user_uuid, body) end

---PATCH /api/v2/service_accounts/{service_account_id}/access_tokens/{token_id}
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#update-service-account-access-token)
---@param service_account_id string
---@param token_id string
---@param body ddokta.datadog.ServiceAccountAccessTokenUpdate|ddokta.datadog.ServiceAccessToken|ddokta.Envelope
---@return ddokta.datadog.ServiceAccessToken? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_service_account_access_token(service_account_id, token_id, body) end

---PATCH /api/v2/service_accounts/{service_account_id}/application_keys/{app_key_id}, needs service_account_write
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/service-accounts/#edit-an-application-key-for-this-service-account)
---@param service_account_id string
---@param app_key_id string
---@param body ddokta.datadog.ApplicationKeyUpdate|ddokta.datadog.PartialApplicationKey|ddokta.Envelope
---@return ddokta.datadog.PartialApplicationKey? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_service_account_application_key(service_account_id, app_key_id, body) end

---PATCH /api/v2/team/{team_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#update-a-team)
---@param team_id string
---@param body ddokta.datadog.TeamUpdate|ddokta.datadog.Team|ddokta.Envelope
---@return ddokta.datadog.Team? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_team(team_id, body) end

---PATCH /api/v2/team/{team_id}/links/{link_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#update-a-team-link)
---@param team_id string
---@param link_id string
---@param body ddokta.datadog.TeamLinkCreate|ddokta.datadog.TeamLink|ddokta.Envelope
---@return ddokta.datadog.TeamLink? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_team_link(team_id, link_id, body) end

---PATCH /api/v2/team/{team_id}/memberships/{user_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#update-a-user-s-membership-attributes-on-a-team)
---@param team_id string
---@param user_id string
---@param body ddokta.datadog.TeamMembershipUpdate|ddokta.datadog.TeamMembership|ddokta.Envelope
---@return ddokta.datadog.TeamMembership? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_team_membership(team_id, user_id, body) end

---PUT /api/v2/team/{team_id}/notification-rules/{rule_id}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#update-team-notification-rule)
---@param team_id string
---@param rule_id string
---@param body ddokta.datadog.TeamNotificationRuleWrite|ddokta.datadog.TeamNotificationRule|ddokta.Envelope
---@return ddokta.datadog.TeamNotificationRule? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_team_notification_rule(team_id, rule_id, body) end

---PUT /api/v2/team/{team_id}/permission-settings/{action}, needs teams_read
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/teams/#update-permission-setting-for-team)
---@param team_id string
---@param action string
---@param body ddokta.datadog.TeamPermissionSettingUpdate|ddokta.datadog.TeamPermissionSetting|ddokta.Envelope
---@return ddokta.datadog.TeamPermissionSetting? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_team_permission_setting(team_id, action, body) end

---PATCH /api/v2/users/{user_id}, needs user_access_manage or service_account_write
---
---The body's id is that of the path, and may be left out.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#update-a-user)
---@param user_id string
---@param body ddokta.datadog.UserUpdate|ddokta.datadog.User|ddokta.Envelope
---@return ddokta.datadog.User? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_user(user_id, body) end

---PATCH /api/v2/users/{user_id}/relationships/identity_providers
---
---An id alone will do as the body.
---
---The body is one, or a list of them; ddokta.array{} is a list of none.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/users/#update-user-identity-providers)
---@param user_id string
---@param body ddokta.datadog.IdentityProviderId|ddokta.datadog.IdentityProviderId[]|ddokta.Envelope|string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:update_user_identity_providers(user_id, body) end

---POST /api/v1/org/{public_id}/idp_metadata
---
---A file is its content, as a string.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#upload-idp-metadata)
---@param public_id string
---@param files table<string, string>
---@return ddokta.datadog.IdpUploaded? result
---@return ddokta.Response|ddokta.Error response
function Datadog:upload_idp_for_org(public_id, files) end

---POST /api/v2/saml_configurations/idp_metadata, needs org_management
---
---A file is its content, as a string.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/organizations/#upload-idp-metadata)
---@param files table<string, string>
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Datadog:upload_idp_metadata(files) end

---GET /api/v2/validate
---
---Unstable: the service may change it.
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#validate)
---@return ddokta.datadog.Validation? result
---@return ddokta.Response|ddokta.Error response
function Datadog:validate() end

---GET /api/v2/validate_keys
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/key-management/#validate-api-key)
---@return ddokta.datadog.ApiKeyValidation? result
---@return ddokta.Response|ddokta.Error response
function Datadog:validate_api_key() end

---GET /api/v1/validate
---
---[Datadog's page](https://docs.datadoghq.com/api/latest/authentication/#validate-api-key)
---@return ddokta.datadog.AuthenticationValidation? result
---@return ddokta.Response|ddokta.Error response
function Datadog:validate_v1() end

---@class ddokta.okta.AppConfig
---@field distinguishedName? string
---@field groupScope? string
---@field groupType? string
---@field samAccountName? string
---@field type? string

---@class ddokta.okta.AppServiceAccount
---@field containerGlobalName? string
---@field containerInstanceName? string
---@field containerOrn string
---@field created? string
---@field description? string
---@field id? string
---@field lastUpdated? string
---@field name string
---@field ownerGroupIds? string[]
---@field ownerUserIds? string[]
---@field password? string
---@field status? string
---@field statusDetail? string
---@field username string

---@class ddokta.okta.AppServiceAccountBody
---@field containerOrn string
---@field description? string
---@field name string
---@field ownerGroupIds? string[]
---@field ownerUserIds? string[]
---@field password? string secret
---@field username string

---@class ddokta.okta.AppServiceAccountUpdate
---@field description? string
---@field name? string
---@field ownerGroupIds? string[]
---@field ownerUserIds? string[]

---@class ddokta.okta.AppUser
---@field _embedded? table<string, any>
---@field _links? table<string, any>
---@field created? string
---@field credentials? ddokta.okta.AppUserCredentials
---@field externalId? string
---@field id? string
---@field lastSync? string
---@field lastUpdated? string
---@field passwordChanged? string
---@field profile? table<string, any>
---@field scope? string
---@field status? string
---@field statusChanged? string
---@field syncState? string

---@class ddokta.okta.AppUserAssign
---@field _embedded? table<string, any>
---@field _links? table<string, any>
---@field credentials? ddokta.okta.AppUserCredentials
---@field id string
---@field profile? table<string, any>
---@field scope? string

---@class ddokta.okta.AppUserCredentials
---@field password? ddokta.okta.AppUserPasswordCredential
---@field userName? string

---@class ddokta.okta.AppUserPasswordCredential
---@field value? string

---@class ddokta.okta.AppUserUpdate
---@field credentials? ddokta.okta.AppUserCredentials
---@field profile? table<string, any>

---@class ddokta.okta.Application
---@field _embedded? table<string, any>
---@field _links? table<string, any>
---@field accessibility? ddokta.okta.ApplicationAccessibility
---@field created? string
---@field credentials? table<string, any>
---@field expressConfiguration? ddokta.okta.ApplicationExpressConfiguration
---@field features? string[]
---@field id? string
---@field label string
---@field lastUpdated? string
---@field licensing? ddokta.okta.ApplicationLicensing
---@field name? string
---@field orn? string
---@field profile? table<string, any>
---@field settings? table<string, any>
---@field signOnMode string
---@field status? string
---@field universalLogout? ddokta.okta.ApplicationUniversalLogout
---@field visibility? ddokta.okta.ApplicationVisibility

---@class ddokta.okta.ApplicationAccessibility
---@field errorRedirectUrl? string
---@field loginRedirectUrl? string
---@field selfService? boolean

---@class ddokta.okta.ApplicationExpressConfiguration
---@field enabledCapabilities? string[]
---@field supportedCapabilities? string[]

---@class ddokta.okta.ApplicationFeature
---@field _links? table<string, any>
---@field capabilities? table<string, any>
---@field description? string
---@field name? string
---@field status? string

---@class ddokta.okta.ApplicationFeatureUpdate
---@field create? ddokta.okta.CapabilitiesCreateObject
---@field importRules? ddokta.okta.CapabilitiesImportRulesObject
---@field importSettings? ddokta.okta.CapabilitiesImportSettingsObject
---@field update? ddokta.okta.CapabilitiesUpdateObject

---@class ddokta.okta.ApplicationGroupAssignment
---@field _embedded? table<string, any>
---@field _links? table<string, any>
---@field id? string
---@field lastUpdated? string
---@field priority? integer
---@field profile? table<string, any>

---@class ddokta.okta.ApplicationGroupAssignmentBody
---@field _embedded? table<string, any>
---@field _links? table<string, any>
---@field priority? integer
---@field profile? table<string, any>

---@class ddokta.okta.ApplicationLicensing
---@field seatCount? integer

---@class ddokta.okta.ApplicationUniversalLogout
---@field identityStack? string
---@field protocol? string
---@field status? string
---@field supportType? string

---@class ddokta.okta.ApplicationVisibility
---@field appLinks? table<string, any>
---@field autoLaunch? boolean
---@field autoSubmitToolbar? boolean
---@field hide? ddokta.okta.ApplicationVisibilityHide

---@class ddokta.okta.ApplicationVisibilityHide
---@field iOS? boolean
---@field web? boolean

---@class ddokta.okta.AuthenticationProvider
---@field name? string
---@field type? string

---@class ddokta.okta.CapabilitiesCreateObject
---@field lifecycleCreate? ddokta.okta.LifecycleCreateSettingObject

---@class ddokta.okta.CapabilitiesImportRulesObject
---@field userCreateAndMatch? ddokta.okta.CapabilitiesImportRulesUserCreateAndMatchObject

---@class ddokta.okta.CapabilitiesImportRulesUserCreateAndMatchObject
---@field allowPartialMatch? boolean
---@field autoActivateNewUsers? boolean
---@field autoConfirmExactMatch? boolean
---@field autoConfirmNewUsers? boolean
---@field autoConfirmPartialMatch? boolean
---@field exactMatchCriteria? string

---@class ddokta.okta.CapabilitiesImportSettingsObject
---@field schedule? ddokta.okta.ImportScheduleObject
---@field username? ddokta.okta.ImportUsernameObject

---@class ddokta.okta.CapabilitiesUpdateObject
---@field lifecycleDeactivate? ddokta.okta.LifecycleDeactivateSettingObject
---@field password? ddokta.okta.PasswordSettingObject
---@field profile? ddokta.okta.ProfileSettingObject

---@class ddokta.okta.Group
---@field _embedded? table<string, any>
---@field _links? table<string, any>
---@field created? string
---@field id? string
---@field lastMembershipUpdated? string
---@field lastUpdated? string
---@field objectClass? string[]
---@field profile? ddokta.okta.GroupProfile
---@field type? string

---@class ddokta.okta.GroupProfile
---@field description? string
---@field dn? string
---@field externalId? string
---@field name? string
---@field samAccountName? string
---@field windowsDomainQualifiedName? string

---@class ddokta.okta.GroupPushMapping
---@field _links? table<string, any>
---@field appConfig? ddokta.okta.AppConfig
---@field created? string
---@field errorSummary? string
---@field id? string
---@field lastPush? string
---@field lastUpdated? string
---@field sourceGroupId? string
---@field status? string
---@field targetGroupId? string

---@class ddokta.okta.GroupPushMappingCreate
---@field appConfig? ddokta.okta.AppConfig
---@field sourceGroupId string
---@field status? string
---@field targetGroupId? string
---@field targetGroupName? string

---@class ddokta.okta.GroupPushMappingUpdate
---@field status string

---@class ddokta.okta.ImportScheduleObject
---@field fullImport? ddokta.okta.ImportScheduleSettings
---@field incrementalImport? ddokta.okta.ImportScheduleSettings
---@field status? string

---@class ddokta.okta.ImportScheduleSettings
---@field expression string
---@field timezone? string

---@class ddokta.okta.ImportUsernameObject
---@field userNameExpression? string
---@field usernameFormat string

---@class ddokta.okta.JsonPatchOperation
---@field op? string
---@field path? string
---@field value? table<string, any>

---@class ddokta.okta.LifecycleCreateSettingObject
---@field status? string

---@class ddokta.okta.LifecycleDeactivateSettingObject
---@field status? string

---@class ddokta.okta.PasswordCredential
---@field hash? ddokta.okta.PasswordCredentialHash
---@field hook? ddokta.okta.PasswordCredentialHook
---@field value? string

---@class ddokta.okta.PasswordCredentialHash
---@field algorithm? string
---@field digestAlgorithm? string
---@field iterationCount? integer
---@field keySize? integer
---@field salt? string
---@field saltOrder? string
---@field value? string
---@field workFactor? integer

---@class ddokta.okta.PasswordCredentialHook
---@field type? string

---@class ddokta.okta.PasswordSettingObject
---@field change? string
---@field seed? string
---@field status? string

---@class ddokta.okta.ProfileMapping
---@field _links? table<string, any>
---@field id? string
---@field source? ddokta.okta.ProfileMappingSource
---@field target? ddokta.okta.ProfileMappingTarget

---@class ddokta.okta.ProfileMappingSource
---@field _links? table<string, any>
---@field id? string
---@field name? string
---@field type? string

---@class ddokta.okta.ProfileMappingTarget
---@field _links? table<string, any>
---@field id? string
---@field name? string
---@field type? string

---@class ddokta.okta.ProfileSettingObject
---@field status? string

---@class ddokta.okta.ProvisioningConnection
---@field _links? table<string, any>
---@field authScheme? string
---@field baseUrl? string
---@field profile ddokta.okta.ProvisioningConnectionProfile
---@field status string

---@class ddokta.okta.ProvisioningConnectionProfile
---@field authScheme string
---@field signing? ddokta.okta.ProvisioningConnectionSigning

---@class ddokta.okta.ProvisioningConnectionSigning
---@field rotationMode string

---@class ddokta.okta.ProvisioningConnectionUpdate
---@field baseUrl? string
---@field profile? table<string, any>

---@class ddokta.okta.RecoveryQuestionCredential
---@field answer? string
---@field question? string

---@class ddokta.okta.User
---@field _embedded? table<string, any>
---@field _links? table<string, any>
---@field activated? string
---@field created? string
---@field credentials? ddokta.okta.UserCredentials
---@field id? string
---@field lastLogin? string
---@field lastUpdated? string
---@field passwordChanged? string
---@field profile? ddokta.okta.UserProfile
---@field realmId? string
---@field status? string
---@field statusChanged? string
---@field transitioningToStatus? string
---@field type? ddokta.okta.UserType

---@class ddokta.okta.UserCredentials
---@field password? ddokta.okta.PasswordCredential
---@field provider? ddokta.okta.AuthenticationProvider
---@field recovery_question? ddokta.okta.RecoveryQuestionCredential

---@class ddokta.okta.UserProfile
---@field city? string
---@field costCenter? string
---@field countryCode? string
---@field department? string
---@field displayName? string
---@field division? string
---@field email? string
---@field employeeNumber? string
---@field firstName? string
---@field honorificPrefix? string
---@field honorificSuffix? string
---@field lastName? string
---@field locale? string
---@field login? string
---@field manager? string
---@field managerId? string
---@field middleName? string
---@field mobilePhone? string
---@field nickName? string
---@field organization? string
---@field postalAddress? string
---@field preferredLanguage? string
---@field primaryPhone? string
---@field profileUrl? string
---@field secondEmail? string
---@field state? string
---@field streetAddress? string
---@field timezone? string
---@field title? string
---@field userType? string
---@field zipCode? string

---@class ddokta.okta.UserSchema
---@field ["$schema"] string?
---@field _links? table<string, any>
---@field created? string
---@field definitions? ddokta.okta.UserSchemaDefinitions
---@field id? string
---@field lastUpdated? string
---@field name? string
---@field properties? ddokta.okta.UserSchemaProperties
---@field title? string
---@field type? string

---@class ddokta.okta.UserSchemaAttribute
---@field default? any
---@field description? string
---@field enum? any[]
---@field externalName? string
---@field externalNamespace? string
---@field format? string
---@field master? ddokta.okta.UserSchemaAttributeMaster
---@field maxLength? integer
---@field minLength? integer
---@field mutability? string
---@field oneOf? ddokta.okta.UserSchemaAttributeEnum[]
---@field pattern? string
---@field permissions? ddokta.okta.UserSchemaAttributePermission[]
---@field required? boolean
---@field scope? string
---@field title? string
---@field type? string
---@field unique? boolean

---@class ddokta.okta.UserSchemaAttributeEnum
---@field const? string
---@field title? string

---@class ddokta.okta.UserSchemaAttributeMaster
---@field priority? ddokta.okta.UserSchemaAttributeMasterPriority[]
---@field type? string

---@class ddokta.okta.UserSchemaAttributeMasterPriority
---@field type? string
---@field value? string

---@class ddokta.okta.UserSchemaAttributePermission
---@field action? string
---@field principal? string

---@class ddokta.okta.UserSchemaBase
---@field id? string
---@field properties? ddokta.okta.UserSchemaBaseProperties
---@field required? string[]
---@field type? string

---@class ddokta.okta.UserSchemaBaseProperties
---@field city? ddokta.okta.UserSchemaAttribute
---@field costCenter? ddokta.okta.UserSchemaAttribute
---@field countryCode? ddokta.okta.UserSchemaAttribute
---@field department? ddokta.okta.UserSchemaAttribute
---@field displayName? ddokta.okta.UserSchemaAttribute
---@field division? ddokta.okta.UserSchemaAttribute
---@field email? ddokta.okta.UserSchemaAttribute
---@field employeeNumber? ddokta.okta.UserSchemaAttribute
---@field firstName? ddokta.okta.UserSchemaAttribute
---@field honorificPrefix? ddokta.okta.UserSchemaAttribute
---@field honorificSuffix? ddokta.okta.UserSchemaAttribute
---@field lastName? ddokta.okta.UserSchemaAttribute
---@field locale? ddokta.okta.UserSchemaAttribute
---@field login? ddokta.okta.UserSchemaAttribute
---@field manager? ddokta.okta.UserSchemaAttribute
---@field managerId? ddokta.okta.UserSchemaAttribute
---@field middleName? ddokta.okta.UserSchemaAttribute
---@field mobilePhone? ddokta.okta.UserSchemaAttribute
---@field nickName? ddokta.okta.UserSchemaAttribute
---@field organization? ddokta.okta.UserSchemaAttribute
---@field postalAddress? ddokta.okta.UserSchemaAttribute
---@field preferredLanguage? ddokta.okta.UserSchemaAttribute
---@field primaryPhone? ddokta.okta.UserSchemaAttribute
---@field profileUrl? ddokta.okta.UserSchemaAttribute
---@field secondEmail? ddokta.okta.UserSchemaAttribute
---@field state? ddokta.okta.UserSchemaAttribute
---@field streetAddress? ddokta.okta.UserSchemaAttribute
---@field timezone? ddokta.okta.UserSchemaAttribute
---@field title? ddokta.okta.UserSchemaAttribute
---@field userType? ddokta.okta.UserSchemaAttribute
---@field zipCode? ddokta.okta.UserSchemaAttribute

---@class ddokta.okta.UserSchemaDefinitions
---@field base? ddokta.okta.UserSchemaBase
---@field custom? ddokta.okta.UserSchemaPublic

---@class ddokta.okta.UserSchemaProperties
---@field profile? ddokta.okta.UserSchemaPropertiesProfile

---@class ddokta.okta.UserSchemaPropertiesProfile
---@field allOf? ddokta.okta.UserSchemaPropertiesProfileItem[]

---@class ddokta.okta.UserSchemaPropertiesProfileItem
---@field ["$ref"] string?

---@class ddokta.okta.UserSchemaPublic
---@field id? string
---@field properties? table<string, any>
---@field required? string[]
---@field type? string

---@class ddokta.okta.UserType
---@field id? string

---@class ddokta.okta.DeleteGroupPushMappingQuery
---@field delete_target_group? boolean deleteTargetGroup, required

---@class ddokta.okta.GetApplicationQuery
---@field expand? string

---@class ddokta.okta.GetApplicationGroupAssignmentQuery
---@field expand? string

---@class ddokta.okta.GetApplicationUserQuery
---@field expand? string

---@class ddokta.okta.GetUserQuery
---@field expand? string

---@class ddokta.okta.ListAppServiceAccountsQuery
---@field limit? integer
---@field after? string
---@field match? string

---@class ddokta.okta.ListApplicationGroupAssignmentsQuery
---@field q? string
---@field after? string
---@field limit? integer
---@field expand? string

---@class ddokta.okta.ListApplicationUsersQuery
---@field after? string
---@field limit? integer
---@field q? string
---@field expand? string

---@class ddokta.okta.ListApplicationsQuery
---@field q? string
---@field after? string
---@field use_optimization? boolean useOptimization
---@field always_include_vpn_settings? boolean alwaysIncludeVpnSettings
---@field limit? integer
---@field filter? string
---@field expand? string
---@field include_non_deleted? boolean includeNonDeleted

---@class ddokta.okta.ListAssignedApplicationsForGroupQuery
---@field after? string
---@field limit? integer

---@class ddokta.okta.ListGroupPushMappingsQuery
---@field after? string
---@field limit? integer
---@field last_updated? string lastUpdated
---@field source_group_id? string sourceGroupId
---@field status? string

---@class ddokta.okta.ListGroupUsersQuery
---@field after? string
---@field limit? integer

---@class ddokta.okta.ListGroupsQuery
---@field search? string
---@field filter? string
---@field q? string
---@field after? string
---@field limit? integer
---@field expand? string
---@field sort_by? string sortBy
---@field sort_order? string sortOrder

---@class ddokta.okta.ListProfileMappingsQuery
---@field after? string
---@field limit? integer
---@field source_id? string sourceId
---@field target_id? string targetId

---@class ddokta.okta.ListUsersQuery
---@field search? string
---@field filter? string
---@field q? string
---@field after? string
---@field limit? integer
---@field sort_by? string sortBy
---@field sort_order? string sortOrder
---@field fields? string
---@field expand? string

---@class ddokta.okta.UnassignUserFromApplicationQuery
---@field send_email? boolean sendEmail

---@class ddokta.okta.UpdateDefaultProvisioningConnectionForApplicationQuery
---@field activate? boolean

---@class ddokta.Okta: ddokta.Client
local Okta = {}

---A light view of the same client whose calls use other options.
---@param options ddokta.ViewOptions
---@return ddokta.Okta
function Okta:with(options) end

---POST /api/v1/apps/{appId}/connections/default/lifecycle/activate, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationconnections/activatedefaultprovisioningconnectionforapplication)
---@param app_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Okta:activate_default_provisioning_connection_for_application(app_id) end

---PUT /api/v1/apps/{appId}/groups/{groupId}, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationgroups/assigngrouptoapplication)
---@param app_id string
---@param group_id string
---@param body? ddokta.okta.ApplicationGroupAssignmentBody|ddokta.okta.ApplicationGroupAssignment
---@return ddokta.okta.ApplicationGroupAssignment? result
---@return ddokta.Response|ddokta.Error response
function Okta:assign_group_to_application(app_id, group_id, body) end

---POST /api/v1/apps/{appId}/users, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationusers/assignusertoapplication)
---@param app_id string
---@param body ddokta.okta.AppUserAssign
---@return ddokta.okta.AppUser? result
---@return ddokta.Response|ddokta.Error response
function Okta:assign_user_to_application(app_id, body) end

---POST /privileged-access/api/v1/service-accounts, needs okta.serviceAccounts.manage
---
---`containerOrn` is `orn:{partition}:idp:{organisation's id}:apps:{app's type}:{app's id}`. Needs Okta
---Privileged Access.
---
---Without password it is sent, and the response has a warning.
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/serviceaccount/createappserviceaccount)
---@param body ddokta.okta.AppServiceAccountBody
---@return ddokta.okta.AppServiceAccount? result
---@return ddokta.Response|ddokta.Error response
function Okta:create_app_service_account(body) end

---POST /api/v1/apps/{appId}/group-push/mappings, needs okta.apps.manage and okta.groups.manage
---
---Needs provisioning to be on in the app.
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/grouppushmapping/creategrouppushmapping)
---@param app_id string
---@param body ddokta.okta.GroupPushMappingCreate
---@return ddokta.okta.GroupPushMapping? result
---@return ddokta.Response|ddokta.Error response
function Okta:create_group_push_mapping(app_id, body) end

---POST /api/v1/apps/{appId}/connections/default/lifecycle/deactivate, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationconnections/deactivatedefaultprovisioningconnectionforapplication)
---@param app_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Okta:deactivate_default_provisioning_connection_for_application(app_id) end

---DELETE /privileged-access/api/v1/service-accounts/{id}, needs okta.serviceAccounts.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/serviceaccount/deleteappserviceaccount)
---@param id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Okta:delete_app_service_account(id) end

---DELETE /api/v1/apps/{appId}/group-push/mappings/{mappingId}, needs okta.apps.manage and okta.groups.manage
---
---The mapping must be `INACTIVE`. `deleteTargetGroup` says whether the group in the app goes as well; in
---Datadog that empties the team and keeps it.
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/grouppushmapping/deletegrouppushmapping)
---@param app_id string
---@param mapping_id string
---@param query ddokta.okta.DeleteGroupPushMappingQuery
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Okta:delete_group_push_mapping(app_id, mapping_id, query) end

---GET /privileged-access/api/v1/service-accounts/{id}, needs okta.serviceAccounts.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/serviceaccount/getappserviceaccount)
---@param id string
---@return ddokta.okta.AppServiceAccount? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_app_service_account(id) end

---GET /api/v1/apps/{appId}, needs okta.apps.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/application/getapplication)
---@param app_id string
---@param query? ddokta.okta.GetApplicationQuery
---@return ddokta.okta.Application? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_application(app_id, query) end

---GET /api/v1/apps/{appId}/groups/{groupId}, needs okta.apps.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationgroups/getapplicationgroupassignment)
---@param app_id string
---@param group_id string
---@param query? ddokta.okta.GetApplicationGroupAssignmentQuery
---@return ddokta.okta.ApplicationGroupAssignment? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_application_group_assignment(app_id, group_id, query) end

---GET /api/v1/apps/{appId}/users/{userId}, needs okta.apps.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationusers/getapplicationuser)
---@param app_id string
---@param user_id string
---@param query? ddokta.okta.GetApplicationUserQuery
---@return ddokta.okta.AppUser? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_application_user(app_id, user_id, query) end

---GET /api/v1/meta/schemas/apps/{appId}/default, needs okta.schemas.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/schema/getapplicationuserschema)
---@param app_id string
---@return ddokta.okta.UserSchema? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_application_user_schema(app_id) end

---GET /api/v1/apps/{appId}/connections/default, needs okta.apps.read
---
---Okta supports this for some apps, of which Datadog is none: there it answers 400.
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationconnections/getdefaultprovisioningconnectionforapplication)
---@param app_id string
---@return ddokta.okta.ProvisioningConnection? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_default_provisioning_connection_for_application(app_id) end

---GET /api/v1/apps/{appId}/features/{featureName}, needs okta.apps.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationfeatures/getfeatureforapplication)
---@param app_id string
---@param feature_name string
---@return ddokta.okta.ApplicationFeature? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_feature_for_application(app_id, feature_name) end

---GET /api/v1/groups/{groupId}, needs okta.groups.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/group/getgroup)
---@param group_id string
---@return ddokta.okta.Group? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_group(group_id) end

---GET /api/v1/apps/{appId}/group-push/mappings/{mappingId}, needs okta.apps.read and okta.groups.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/grouppushmapping/getgrouppushmapping)
---@param app_id string
---@param mapping_id string
---@return ddokta.okta.GroupPushMapping? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_group_push_mapping(app_id, mapping_id) end

---GET /api/v1/users/{id}, needs okta.users.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/user/getuser)
---@param id string
---@param query? ddokta.okta.GetUserQuery
---@return ddokta.okta.User? result
---@return ddokta.Response|ddokta.Error response
function Okta:get_user(id, query) end

---GET /privileged-access/api/v1/service-accounts, needs okta.serviceAccounts.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/serviceaccount/listappserviceaccounts)
---@param query? ddokta.okta.ListAppServiceAccountsQuery
---@return ddokta.okta.AppServiceAccount[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_app_service_accounts(query) end

---Every page of list_app_service_accounts; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.okta.ListAppServiceAccountsQuery
---@return fun(): ddokta.okta.AppServiceAccount? next_item
function Okta:each_app_service_account(query) end

---GET /api/v1/apps/{appId}/groups, needs okta.apps.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationgroups/listapplicationgroupassignments)
---@param app_id string
---@param query? ddokta.okta.ListApplicationGroupAssignmentsQuery
---@return ddokta.okta.ApplicationGroupAssignment[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_application_group_assignments(app_id, query) end

---Every page of list_application_group_assignments; raises a ddokta.Error where one cannot be had.
---@param app_id string
---@param query? ddokta.okta.ListApplicationGroupAssignmentsQuery
---@return fun(): ddokta.okta.ApplicationGroupAssignment? next_item
function Okta:each_application_group_assignment(app_id, query) end

---GET /api/v1/apps/{appId}/users, needs okta.apps.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationusers/listapplicationusers)
---@param app_id string
---@param query? ddokta.okta.ListApplicationUsersQuery
---@return ddokta.okta.AppUser[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_application_users(app_id, query) end

---Every page of list_application_users; raises a ddokta.Error where one cannot be had.
---@param app_id string
---@param query? ddokta.okta.ListApplicationUsersQuery
---@return fun(): ddokta.okta.AppUser? next_item
function Okta:each_application_user(app_id, query) end

---GET /api/v1/apps, needs okta.apps.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/application/listapplications)
---@param query? ddokta.okta.ListApplicationsQuery
---@return ddokta.okta.Application[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_applications(query) end

---Every page of list_applications; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.okta.ListApplicationsQuery
---@return fun(): ddokta.okta.Application? next_item
function Okta:each_application(query) end

---GET /api/v1/groups/{groupId}/apps, needs okta.groups.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/group/listassignedapplicationsforgroup)
---@param group_id string
---@param query? ddokta.okta.ListAssignedApplicationsForGroupQuery
---@return ddokta.okta.Application[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_assigned_applications_for_group(group_id, query) end

---Every page of list_assigned_applications_for_group; raises a ddokta.Error where one cannot be had.
---@param group_id string
---@param query? ddokta.okta.ListAssignedApplicationsForGroupQuery
---@return fun(): ddokta.okta.Application? next_item
function Okta:each_assigned_application_for_group(group_id, query) end

---GET /api/v1/apps/{appId}/features, needs okta.apps.read
---
---Answers 400 where provisioning is off or Okta does not support it for the app.
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationfeatures/listfeaturesforapplication)
---@param app_id string
---@return ddokta.okta.ApplicationFeature[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_features_for_application(app_id) end

---GET /api/v1/apps/{appId}/group-push/mappings, needs okta.apps.read and okta.groups.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/grouppushmapping/listgrouppushmappings)
---@param app_id string
---@param query? ddokta.okta.ListGroupPushMappingsQuery
---@return ddokta.okta.GroupPushMapping[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_group_push_mappings(app_id, query) end

---Every page of list_group_push_mappings; raises a ddokta.Error where one cannot be had.
---@param app_id string
---@param query? ddokta.okta.ListGroupPushMappingsQuery
---@return fun(): ddokta.okta.GroupPushMapping? next_item
function Okta:each_group_push_mapping(app_id, query) end

---GET /api/v1/groups/{groupId}/users, needs okta.groups.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/group/listgroupusers)
---@param group_id string
---@param query? ddokta.okta.ListGroupUsersQuery
---@return ddokta.okta.User[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_group_users(group_id, query) end

---Every page of list_group_users; raises a ddokta.Error where one cannot be had.
---@param group_id string
---@param query? ddokta.okta.ListGroupUsersQuery
---@return fun(): ddokta.okta.User? next_item
function Okta:each_group_user(group_id, query) end

---GET /api/v1/groups, needs okta.groups.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/group/listgroups)
---@param query? ddokta.okta.ListGroupsQuery
---@return ddokta.okta.Group[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_groups(query) end

---Every page of list_groups; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.okta.ListGroupsQuery
---@return fun(): ddokta.okta.Group? next_item
function Okta:each_group(query) end

---GET /api/v1/mappings, needs okta.profileMappings.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/profilemapping/listprofilemappings)
---@param query? ddokta.okta.ListProfileMappingsQuery
---@return ddokta.okta.ProfileMapping[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_profile_mappings(query) end

---Every page of list_profile_mappings; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.okta.ListProfileMappingsQuery
---@return fun(): ddokta.okta.ProfileMapping? next_item
function Okta:each_profile_mapping(query) end

---GET /api/v1/users, needs okta.users.read
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/user/listusers)
---@param query? ddokta.okta.ListUsersQuery
---@return ddokta.okta.User[]? result
---@return ddokta.Response|ddokta.Error response
function Okta:list_users(query) end

---Every page of list_users; raises a ddokta.Error where one cannot be had.
---@param query? ddokta.okta.ListUsersQuery
---@return fun(): ddokta.okta.User? next_item
function Okta:each_user(query) end

---DELETE /api/v1/apps/{appId}/groups/{groupId}, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationgroups/unassignapplicationfromgroup)
---@param app_id string
---@param group_id string
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Okta:unassign_application_from_group(app_id, group_id) end

---DELETE /api/v1/apps/{appId}/users/{userId}, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationusers/unassignuserfromapplication)
---@param app_id string
---@param user_id string
---@param query? ddokta.okta.UnassignUserFromApplicationQuery
---@return true? result
---@return ddokta.Response|ddokta.Error response
function Okta:unassign_user_from_application(app_id, user_id, query) end

---PATCH /privileged-access/api/v1/service-accounts/{id}, needs okta.serviceAccounts.manage
---
---Name, description and owners can be changed, nothing else.
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/serviceaccount/updateappserviceaccount)
---@param id string
---@param body? ddokta.okta.AppServiceAccountUpdate|ddokta.okta.AppServiceAccount
---@return ddokta.okta.AppServiceAccount? result
---@return ddokta.Response|ddokta.Error response
function Okta:update_app_service_account(id, body) end

---POST /api/v1/apps/{appId}/users/{userId}, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationusers/updateapplicationuser)
---@param app_id string
---@param user_id string
---@param body ddokta.okta.AppUserUpdate
---@return ddokta.okta.AppUser? result
---@return ddokta.Response|ddokta.Error response
function Okta:update_application_user(app_id, user_id, body) end

---POST /api/v1/apps/{appId}/connections/default, needs okta.apps.manage
---
---Okta supports this for some apps, of which Datadog is none: there it answers 400.
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationconnections/updatedefaultprovisioningconnectionforapplication)
---@param app_id string
---@param body ddokta.okta.ProvisioningConnectionUpdate
---@param query? ddokta.okta.UpdateDefaultProvisioningConnectionForApplicationQuery
---@return ddokta.okta.ProvisioningConnection? result
---@return ddokta.Response|ddokta.Error response
function Okta:update_default_provisioning_connection_for_application(app_id, body, query) end

---PUT /api/v1/apps/{appId}/features/{featureName}, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationfeatures/updatefeatureforapplication)
---@param app_id string
---@param feature_name string
---@param body ddokta.okta.ApplicationFeatureUpdate|ddokta.okta.ApplicationFeature
---@return ddokta.okta.ApplicationFeature? result
---@return ddokta.Response|ddokta.Error response
function Okta:update_feature_for_application(app_id, feature_name, body) end

---PATCH /api/v1/apps/{appId}/groups/{groupId}, needs okta.apps.manage
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/applicationgroups/updategroupassignmenttoapplication)
---@param app_id string
---@param group_id string
---@param body? ddokta.okta.JsonPatchOperation[]
---@return ddokta.okta.ApplicationGroupAssignment? result
---@return ddokta.Response|ddokta.Error response
function Okta:update_group_assignment_to_application(app_id, group_id, body) end

---PATCH /api/v1/apps/{appId}/group-push/mappings/{mappingId}, needs okta.apps.manage and okta.groups.manage
---
---`status` is `ACTIVE` or `INACTIVE`.
---
---[Okta's page](https://developer.okta.com/docs/api/openapi/okta-management/management/grouppushmapping/updategrouppushmapping)
---@param app_id string
---@param mapping_id string
---@param body ddokta.okta.GroupPushMappingUpdate|ddokta.okta.GroupPushMapping
---@return ddokta.okta.GroupPushMapping? result
---@return ddokta.Response|ddokta.Error response
function Okta:update_group_push_mapping(app_id, mapping_id, body) end

-- The part of lua/ddokta/types.lua that is no row: copied there by doc/generate.lua, without this
-- paragraph. Fields and their meaning: README.md and the files that make them.
-- luacheck: ignore

-- --- what comes back ----------------------------------------------------------------------------

-- --- clients ------------------------------------------------------------------------------------

-- --- require "ddokta" ---------------------------------------------------------------------------

<<<<<<< HEAD
-- --- require "ddokta.bulk" ----------------------------------------------------------------------

---@alias ddokta.bulk.Kind "okta_accounts"|"scim_users"|"scim_groups"|"app_service_accounts"
---@alias ddokta.bulk.Format "csv"|"jsonl"|"json"

---@class ddokta.bulk.Source
---@field name string
---@field columns? string[]
local Source = {}

---@return table? row nil: the end, or a problem
---@return integer|table|nil line
function Source:next() end

---@return nil
function Source:close() end

---@class ddokta.bulk.FieldChange
---@field field string
---@field old any
---@field new any

---@class ddokta.bulk.Change
---@field kind ddokta.bulk.Kind
---@field key string
---@field old? table<string, any> what the service has
---@field new? table<string, any> what is asked for
---@field number integer
---@field action "create"|"update"|"unchanged"|"conflict"|"delete"
---@field position? string
---@field id? string
---@field changes? ddokta.bulk.FieldChange[]
---@field secrets? string[]
---@field reason? string
---@field note? string
---@field reactivates? boolean
---@field names? table<string, string>

---A guard that stops a plan or a recipe.
---@class ddokta.bulk.Tripped
---@field guard string
---@field text string
---@field measure integer
---@field option? string

---@class ddokta.bulk.Header
---@field kind ddokta.bulk.Kind
---@field source string
---@field shard? string
---@field address string
---@field organisation string
---@field organisation_name? string
---@field caller? string
---@field time string
---@field version string

---@class ddokta.bulk.Plan: ddokta.bulk.Header
---@field counts table<string, integer>
---@field deactivations? integer
---@field reactivations? integer
---@field blocked? string
---@field note? string
---@field accepts? integer
---@field restores? true
---@field left? ddokta.bulk.Left[]
---@field created? string[]
---@field guards? ddokta.bulk.Tripped[]
local Plan = {}

---@return integer
function Plan:steps() end

---@param number integer
---@return ddokta.bulk.Change
function Plan:step(number) end

---@return fun(): ddokta.bulk.Change?
function Plan:each() end

---@return fun(): ddokta.bulk.Change?
function Plan:changes() end

---@return string
function Plan:fingerprint() end

---@return string
function Plan:to_json() end

---@return table
function Plan:to_table() end

---@param put fun(text: string)
---@return true? written
---@return ddokta.Error|string|nil err
function Plan:write_json(put) end

---@param options? {color?: boolean, limit?: integer, unchanged?: boolean}
---@return string
function Plan:render(options) end

---@param put fun(text: string)
---@param options? {color?: boolean, limit?: integer, unchanged?: boolean}
function Plan:write(put, options) end

---@return string
function Plan:header() end

---@param path string
---@return true? saved
---@return ddokta.Error? err
function Plan:save(path) end

---@return nil
function Plan:close() end

---@class ddokta.bulk.Row
---@field kind ddokta.bulk.Kind
---@field key string
---@field old? table<string, any>
---@field new? table<string, any>
---@field number integer
---@field action "create"|"update"|"unchanged"|"conflict"|"delete"
---@field position? string
---@field outcome "done"|"failed"|"unknown"|"not_run"|"skipped"|"unchanged"
---@field id? string
---@field attempts? integer
---@field error? table
---@field note? string
---@field resumed? boolean

---@class ddokta.bulk.Report: ddokta.bulk.Header
---@field seconds number
---@field dry_run? boolean
---@field rows ddokta.bulk.Row[]
---@field counts table<string, integer>
---@field journal? string
---@field backup? string
---@field stopped? "unauthorized"|"forbidden"|"outage"|"max_failures"|"fail_fast"|"journal"
---@field reason? string
---@field held? string
---@field sentence string
---@field next? string
---@field note? string
---@field notes? string[]
---@field left? ddokta.bulk.Left[]
local Report = {}

---@return string
function Report:summary() end

---@return fun(): ddokta.bulk.Row?
function Report:each() end

---@param number integer
---@return ddokta.bulk.Row?
function Report:row(number) end

---@param put fun(text: string)
---@return true? written
---@return string? err
function Report:write_json(put) end

---@return nil
function Report:close() end

---@return table
function Report:to_table() end

---@return string
function Report:to_json() end

---@class ddokta.bulk.ReadOptions
---@field format? ddokta.bulk.Format
---@field name? string
---@field delimiter? string
---@field list_separator? string
---@field map? table<string, string|string[]>
---@field okta? ddokta.Okta
---@field kind? ddokta.bulk.Kind
---@field attributes? table<string, string|string[]>

---@class ddokta.bulk.PlanOptions
---@field prune? boolean
---@field allow? table<string, boolean|number|string>
---@field max_deactivations? number|string
---@field rotate_secrets? boolean
---@field reactivate? boolean
---@field strict? boolean
---@field fingerprints? ddokta.bulk.Fingerprints|false
---@field accept_secrets? boolean
---@field shard? string

---@class ddokta.bulk.RestorePlanOptions
---@field force? boolean
---@field remove_created? boolean
---@field max_deactivations? number|string
---@field strict? boolean

---@class ddokta.bulk.RestoreOptions: ddokta.bulk.ApplyOptions
---@field force? boolean
---@field remove_created? boolean
---@field max_deactivations? number|string
---@field strict? boolean

---What a restore cannot put back.
---@class ddokta.bulk.Left
---@field key string
---@field field? string
---@field reason string

---@class ddokta.bulk.Progress
---@field done integer
---@field failed integer
---@field unknown integer
---@field skipped integer
---@field not_run integer
---@field resumed integer
---@field total integer
---@field seconds number
---@field rate number
---@field left? number

---@class ddokta.bulk.ApplyOptions
---@field journal? string
---@field backup? string
---@field fingerprints? ddokta.bulk.Fingerprints|false
---@field max_in_flight? integer
---@field on_progress? fun(progress: ddokta.bulk.Progress)
---@field on_row? fun(row: ddokta.bulk.Row)
---@field keep_rows? boolean|"file"
---@field fail_fast? boolean
---@field max_failures? number|string
---@field settle? number
---@field dry_run? boolean
---@field allow_conflicts? boolean

---@class ddokta.bulk.Fingerprints
local Fingerprints = {}

---@param key string
---@param secrets table<string, string>
---@param id? string
---@return "same"|"other"|"never"|"unknown" state
---@return integer unknown How many of them nothing is known of.
function Fingerprints:state(key, secrets, id) end

---@return true? closed
---@return ddokta.Error? err
function Fingerprints:close() end

---@class ddokta.bulk
---@field kinds ddokta.bulk.Kind[]
local bulk = {}

---@param source string|table[]|fun(): table?
---@param options? ddokta.bulk.ReadOptions
---@return ddokta.bulk.Source? source
---@return ddokta.Error? err
function bulk.read(source, options) end

---@param kind ddokta.bulk.Kind
---@param source ddokta.bulk.Source
---@param options? {strict?: boolean}
---@return {rows: integer}? checked
---@return ddokta.Error? err
function bulk.check(kind, source, options) end

---@param client ddokta.Client
---@param kind ddokta.bulk.Kind
---@param source ddokta.bulk.Source?
---@param options? ddokta.bulk.PlanOptions
---@return ddokta.bulk.Plan? plan
---@return ddokta.Error? err
function bulk.plan(client, kind, source, options) end

---@param client ddokta.Client
---@param path string
---@param options? {source?: ddokta.bulk.Source}
---@return ddokta.bulk.Plan? plan
---@return ddokta.Error? err
function bulk.load(client, path, options) end

---@param client ddokta.Client
---@param plan ddokta.bulk.Plan
---@param options? ddokta.bulk.ApplyOptions
---@return ddokta.bulk.Report? report
---@return ddokta.Error? err
function bulk.apply(client, plan, options) end

---@param client ddokta.Client
---@param plans (ddokta.bulk.Plan|fun(): ddokta.bulk.Plan?, ddokta.Error?)[]
---@param options? ddokta.bulk.ApplyOptions
---@return ddokta.bulk.Report[]? reports
---@return ddokta.Error? err
function bulk.apply_all(client, plans, options) end

---@param client ddokta.Client
---@param path string
---@param options? ddokta.bulk.RestoreOptions
---@return ddokta.bulk.Report? report
---@return ddokta.Error? err
function bulk.restore(client, path, options) end

---@param client ddokta.Client
---@param path string
---@param options? ddokta.bulk.RestorePlanOptions
---@return ddokta.bulk.Plan? plan
---@return string[]|ddokta.Error notes
function bulk.restore_plan(client, path, options) end

---@param client ddokta.Client
---@param kind ddokta.bulk.Kind
---@param options? {path?: string, key_file?: string}
---@return ddokta.bulk.Fingerprints? fingerprints
---@return ddokta.Error? err
function bulk.fingerprints(client, kind, options) end

---@param kind ddokta.bulk.Kind
---@param resources table[]
---@param format? ddokta.bulk.Format
---@param put fun(text: string)
---@return true? written
---@return ddokta.Error? err
function bulk.write(kind, resources, format, put) end

---@param client ddokta.Client
---@param kind ddokta.bulk.Kind
---@param format? ddokta.bulk.Format
---@param put fun(text: string)
---@return integer? count
---@return ddokta.Error? err
function bulk.export(client, kind, format, put) end
=======
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
---@field null lightuserdata null to send
---@field operations ddokta.Operation[]
---@field sites string[]
local ddokta = {}

---@param options? ddokta.DatadogOptions
---@return ddokta.Datadog? client
---@return ddokta.Error? err
function ddokta.client(options) end

---@param options? ddokta.OktaOptions
---@return ddokta.Okta? client
---@return ddokta.Error? err
function ddokta.okta(options) end

---A list that is sent as one even when it is empty.
---@param list table
---@return table
function ddokta.array(list) end
>>>>>>> 831bbe7 (Types of bulk beside the code: plan, change, source, report, header, kind, column; base_types has none of bulk)

-- --- options ------------------------------------------------------------------------------------

--- The 200 invented accounts of the demo; examples/accounts.csv is these rows as a file.

local companies = {
  "Alder Freight",
  "Bright Harbor Bank",
  "Copper & Pine",
  "Dune Analytics",
  "Eastgate Clinic",
  "Fjord Energi",
  "Granite Insurance",
  "Hollow Creek Foods",
  "Iris Robotics",
  "Juniper Rail",
  "Kestrel Air",
  "Lindqvist, Holm AB",
  "Marble Arch Hotels",
  "North Pier Media",
  "Onyx Retail",
  "Pálinkás Kft",
  "Quarry Steel",
  'Redwood "RW" Labs',
  "Søndergaard Pharma",
  "Tidewater Schools",
}

local uses = {
  "Production",
  "Staging",
  "Preview",
  "Workforce",
  "Customers",
  "Partners",
  "Contractors",
  "Support",
  "Training",
  "Archive",
}

local columns = { "name", "domain", "auth_method", "client_id", "client_secret" }

local function host(company, use)
  local word = company:lower():gsub("á", "a"):gsub("ø", "o"):gsub("%W+", "-")
  return ("%s-%s.okta.com"):format(word, use:lower())
end

--- rows() -> a fresh list of 200 rows, and the columns
return function()
  local rows = {}
  for _, company in ipairs(companies) do
    for _, use in ipairs(uses) do
      local n = #rows + 1
      rows[n] = {
        name = company .. " " .. use,
        domain = "https://" .. host(company, use) .. "/",
        auth_method = "oauth",
        client_id = ("0oaexample%04d"):format(n),
        client_secret = ("example-secret-%04d"):format(n),
      }
    end
  end
  return rows, columns
end

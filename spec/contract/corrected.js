// Writes a service's description as Prism is to read it: with what in it no request can fulfil put right.
// usage: node corrected.js datadog|okta FROM TO
"use strict";
const fs = require("fs");
const [service, from, to] = process.argv.slice(2);

// a wrong name in an object; that it is there no more is to be noticed
function rename(object, wrong, right) {
  if (!(wrong in object)) throw new Error(`${service}: there is no ${wrong} to correct`);
  object[right] = object[wrong];
  delete object[wrong];
}

const corrections = {
  datadog: () => {},
  okta: (description) => {
    // oneOf two schemas that require nothing: every object fits both
    rename(description.components.schemas.AppUserUpdateRequest, "oneOf", "anyOf");
  },
};

const description = JSON.parse(fs.readFileSync(from, "utf8"));
corrections[service](description);
fs.writeFileSync(to, JSON.stringify(description));

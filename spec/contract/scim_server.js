// A SCIM server that others wrote (scimmy and scimmy-routers on express) with users and groups in memory.
// usage: node scim_server.js NODE_MODULES express|express5 PORT
// On express 5 the query is read anew at each look, so that scimmy-routers' paging is silently off.
"use strict";
const Module = require("module");
const path = require("path");
const [modules, express_name, port] = process.argv.slice(2);
const TOKEN = "an-application-key";

// whoever asks for express gets the one that is meant
const resolve = Module._resolveFilename;
Module._resolveFilename = (name, ...rest) => resolve(name === "express" ? express_name : name, ...rest);
const load = Module.createRequire(path.resolve(modules, "any.js"));
const express = load("express");
const SCIMMY = load("scimmy").default ?? load("scimmy");
const routers = load("scimmy-routers");
const SCIMMYRouters = routers.default ?? routers;

const refuse = (status, type, message) => { throw new SCIMMY.Types.Error(status, type, message); };

// the handlers of a resource type whose instances are told apart by one attribute
function handlers(unique) {
  const all = new Map();
  let last = 0;
  const found = (id) => all.get(id) ?? refuse(404, null, `Resource ${id} not found`);
  return {
    ingress(resource, instance) {
      const old = resource.id && found(resource.id);
      for (const other of all.values())
        if (other !== old && other[unique].toLowerCase() === instance[unique].toLowerCase())
          refuse(409, "uniqueness", `${unique} ${instance[unique]} is taken`);
      const now = new Date();
      const id = resource.id ?? `id-${++last}`;
      const record = JSON.parse(JSON.stringify({ ...instance, id }));
      record.meta = { created: old?.meta.created ?? now, lastModified: now };
      all.set(id, record);
      return record;
    },
    egress(resource) {
      if (resource.id) return found(resource.id);
      const list = [...all.values()];
      return resource.filter ? resource.filter.match(list) : list;
    },
    degress(resource) {
      found(resource.id);
      all.delete(resource.id);
    },
  };
}

SCIMMY.Resources.declare(SCIMMY.Resources.User, handlers("userName"));
SCIMMY.Resources.declare(SCIMMY.Resources.Group, handlers("displayName"));

const handler = (request) => {
  if (request.header("Authorization") !== `Bearer ${TOKEN}`) throw new Error("The key is not known");
  return "someone";
};
const app = express();
app.use("/api/v2/scim", new SCIMMYRouters({ type: "bearer", handler }));
app.listen(Number(port), "127.0.0.1");

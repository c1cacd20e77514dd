// Lays Lua files out as .stylua.toml says, or with --check names those that are laid out otherwise.
// usage: node stylua.js [--check] MODULES FILE...   (MODULES: the folder that holds @johnnymorganz/stylua)
"use strict";
const fs = require("fs");
const path = require("path");

const check = process.argv[2] === "--check";
const [modules, ...files] = process.argv.slice(check ? 3 : 2);
const stylua = require(path.resolve(modules, "@johnnymorganz/stylua"));

// the option's name in .stylua.toml -> the enumeration that its words are from
const ENUMERATIONS = {
  indent_type: stylua.IndentType,
  quote_style: stylua.QuoteStyle,
  call_parentheses: stylua.CallParenType,
  collapse_simple_statement: stylua.CollapseSimpleStatement,
  space_after_function_names: stylua.SpaceAfterFunctionNames,
};

function settings() {
  const config = stylua.Config.new();
  for (const line of fs.readFileSync(path.join(__dirname, "../../.stylua.toml"), "utf8").split("\n")) {
    const [, name, word, number] = /^(\w+) = (?:"(\w+)"|(\d+))$/.exec(line) || [];
    if (!name) continue;
    const value = word === undefined ? Number(number) : ENUMERATIONS[name][word];
    if (value === undefined || !(name in config)) throw new Error(`.stylua.toml: ${line}`);
    config[name] = value;
  }
  config.syntax = stylua.LuaVersion.All;
  return config;
}

// What it has laid out once it may lay out otherwise the next time: until nothing changes.
function format(code) {
  for (let pass = 1; pass <= 5; pass++) {
    const next = stylua.formatCode(code, settings(), undefined, stylua.OutputVerification.None);
    if (next === code) return code;
    code = next;
  }
  throw new Error("is laid out otherwise each time");
}

let failed = false;
for (const file of files) {
  const before = fs.readFileSync(file, "utf8");
  let after;
  try {
    after = format(before);
  } catch (error) {
    console.error(`${file}: ${error.message || error}`);
    failed = true;
    continue;
  }
  if (after === before) continue;
  if (!check) fs.writeFileSync(file, after);
  else {
    console.log(`${file}: not laid out as make format does it`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);

// The page's script by ESLint's recommended rules: a list of what is wrong, as JSON.
// usage: NODE_PATH=... node spec/contract/page.js < SCRIPT
const fs = require("fs");
const { Linter } = require("eslint");
const js = require("@eslint/js");
const globals = require("globals");

const config = {
  ...js.configs.recommended,
  languageOptions: { ecmaVersion: 2022, sourceType: "script", globals: globals.browser },
  linterOptions: { reportUnusedDisableDirectives: "error" },
};
const messages = new Linter().verify(fs.readFileSync(0, "utf8"), config);
console.log(JSON.stringify(messages.map(({ line, ruleId, message }) => `${line}: ${ruleId}: ${message}`)));

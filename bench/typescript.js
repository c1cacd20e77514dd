// The peer of list_calls.lua: the same calls with Datadog's own client for TypeScript.
// usage: NODE_PATH=build/peers/node_modules NODE_EXTRA_CA_CERTS=ca.pem \
//   node typescript.js CALLS AT_ONCE as-it-comes|keep-alive; the rest from the environment
// As it comes, the client opens a connection for each call; keep-alive gives it an agent that keeps them.
// Prints the accounts and the CPU seconds of the calls alone: what node needs to start and to load the
// client, and a first call, are not counted.
const https = require("https");
const { fetch } = require("cross-fetch");
const { client, v2 } = require("@datadog/datadog-api-client");

const [calls, atOnce] = process.argv.slice(2, 4).map(Number);

function configure() {
  const configuration = client.createConfiguration({ serverIndex: 1 }); // {protocol}://{name}
  const name = process.env.DDOKTA_BASE_URL.replace("https://", "");
  configuration.setServerVariables({ protocol: "https", name });
  if (process.argv[4] === "keep-alive") {
    const agent = new https.Agent({ keepAlive: true, maxSockets: atOnce });
    configuration.httpApi.fetch = (url, options) => fetch(url, { ...options, agent });
  }
  return configuration;
}

async function main() {
  const api = new v2.OktaIntegrationApi(configure());
  let sent = 0;
  let accounts = 0;

  async function work() {
    while (sent < calls) {
      sent++;
      const list = await api.listOktaAccounts();
      accounts += list.data.length;
    }
  }

  await api.listOktaAccounts();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: atOnce }, work));
  const used = process.cpuUsage(before);
  console.log(`${accounts} accounts ${(used.user + used.system) / 1e6}`);
  process.exit(0); // kept connections would keep node
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

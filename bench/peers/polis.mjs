// Ory Polis (SAML Jackson) as a SCIM server: its directory sync behind plain HTTP, a process a core.
// Started by bench/peers/polis.py with DATABASE_URL, PORT and WORKERS; prints the address and the secret, once ready.
import cluster from "node:cluster";
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const base = `http://localhost:${process.env.PORT}`;

async function directories() {
  const jackson = require("@boxyhq/saml-jackson").default;
  const { directorySyncController } = await jackson({
    externalUrl: base,
    samlPath: "/saml",
    samlAudience: base,
    noAnalytics: true,
    db: { engine: "sql", type: "postgres", url: process.env.DATABASE_URL, ttl: 300, cleanupLimit: 1000 },
  });
  return directorySyncController;
}

async function lead() {
  const { data, error } = await (await directories()).directories.create({
    tenant: "bench", product: "bench", name: "bench", type: "generic-scim-v2",
  });
  if (error) throw new Error(error.message);
  let waiting = Number(process.env.WORKERS);
  for (let number = waiting; number > 0; number--) cluster.fork({ DIRECTORY: data.id });
  cluster.on("listening", () => {
    if (--waiting === 0) console.log(JSON.stringify({ url: `${base}/scim`, token: data.scim.secret }));
  });
}

async function serve() {
  const sync = await directories();
  http.createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, base);
    const [, , type, id] = pathname.split("/");
    let body = "";
    for await (const piece of request) body += piece;
    const number = (name) => (searchParams.has(name) ? Number(searchParams.get(name)) : undefined);
    try {
      const { status, data } = await sync.requests.handle({
        method: request.method,
        body: body ? JSON.parse(body) : undefined,
        directoryId: process.env.DIRECTORY,
        resourceType: type,
        resourceId: id,
        apiSecret: request.headers.authorization?.slice("Bearer ".length),
        query: { count: number("count"), startIndex: number("startIndex"), filter: searchParams.get("filter") ?? undefined },
      }, nobodyListens);
      answer(response, status, data);
    } catch (error) {
      answer(response, 500, { detail: String(error) });
    }
  }).listen(Number(process.env.PORT), "127.0.0.1");
}

// Its own way looks for a webhook at each write, and says that there is none.
async function nobodyListens() {}

function answer(response, status, data) {
  const text = Buffer.from(JSON.stringify(data ?? {}));
  response.writeHead(status, { "Content-Type": "application/scim+json", "Content-Length": text.length });
  response.end(text);
}

await (cluster.isPrimary ? lead() : serve());

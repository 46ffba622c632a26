// hono's router with oauth4webapi's client credentials, as the documentation of both writes it. It checks no keys.

import { Hono } from "hono";
import * as oauth from "oauth4webapi";

/** @type {{ access_token: string, expires_at: number } | undefined} */
let token;

async function exchange(env) {
  const as = { issuer: env.UPSTREAM, token_endpoint: `${env.UPSTREAM}/connect/token` };
  const client = { client_id: env.CLIENT_ID };
  const parameters = new URLSearchParams({ scope: "pos_integration" });
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    client,
    oauth.ClientSecretBasic(env.CLIENT_SECRET),
    parameters,
    { [oauth.allowInsecureRequests]: true },
  );
  const { access_token, expires_in } = await oauth.processClientCredentialsResponse(
    as,
    client,
    response,
  );
  token = { access_token, expires_at: Math.floor(Date.now() / 1000) + expires_in };
  return token;
}

async function current(env) {
  return token === undefined || token.expires_at <= Date.now() / 1000 ? exchange(env) : token;
}

const app = new Hono();

app.post("/token/:app/:account", async (c) => {
  const { access_token, expires_at } = await current(c.env);
  const expires_in = expires_at - Math.floor(Date.now() / 1000);
  c.header("cache-control", "no-store");
  return c.json({ access_token, token_type: "Bearer", expires_in, expires_at });
});

app.all("/api/:app/:account/*", async (c) => {
  const { access_token } = await current(c.env);
  const rest = c.req.path.split("/").slice(4).join("/");
  const headers = new Headers({ authorization: `Bearer ${access_token}` });
  const type = c.req.header("content-type");
  if (type !== undefined) headers.set("content-type", type);
  return fetch(`${c.env.UPSTREAM}/${rest}`, {
    method: c.req.method,
    headers,
    body: c.req.raw.body,
  });
});

app.post("/refresh/:app/:account", async (c) => {
  const { expires_at } = await exchange(c.env);
  return c.json({ state: "fresh", expires_at });
});

export default app;

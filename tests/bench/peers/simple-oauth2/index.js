// simple-oauth2, which keeps tokens as objects that know when they expire. It checks no keys.

import { ClientCredentials } from "simple-oauth2";

let token;

function exchange(env) {
  const client = new ClientCredentials({
    client: { id: env.CLIENT_ID, secret: env.CLIENT_SECRET },
    auth: { tokenHost: env.UPSTREAM, tokenPath: "/connect/token" },
  });
  return client.getToken({ scope: "pos_integration" });
}

async function current(env) {
  if (token === undefined || token.expired(300)) token = await exchange(env);
  return token.token;
}

const HEADERS = { "cache-control": "no-store" };

export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith("/token/")) {
      const { access_token, expires_at } = await current(env);
      const expires_in = Math.floor((expires_at - Date.now()) / 1000);
      const body = { access_token, token_type: "Bearer", expires_in, expires_at };
      return Response.json(body, { headers: HEADERS });
    }
    if (pathname.startsWith("/api/")) {
      const { access_token } = await current(env);
      const rest = pathname.split("/").slice(4).join("/");
      return fetch(`${env.UPSTREAM}/${rest}${search}`, {
        method: request.method,
        headers: {
          authorization: `Bearer ${access_token}`,
          "content-type": request.headers.get("content-type") ?? "application/json",
        },
        body: request.body,
      });
    }
    if (pathname.startsWith("/refresh/")) {
      const { expires_at } = (await exchange(env)).token;
      return Response.json({ state: "fresh", expires_at }, { headers: HEADERS });
    }
    return new Response("Not found", { status: 404 });
  },
};

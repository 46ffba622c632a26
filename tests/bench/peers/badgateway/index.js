// @badgateway/oauth2-client with its fetch wrapper, which adds the token and refreshes it. It checks no keys.

import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";

/** @type {{ client: OAuth2Client, wrapper: OAuth2Fetch } | undefined} */
let made;

function make(env) {
  const client = new OAuth2Client({
    server: env.UPSTREAM,
    clientId: env.CLIENT_ID,
    clientSecret: env.CLIENT_SECRET,
    tokenEndpoint: "/connect/token",
    authenticationMethod: "client_secret_basic",
    // Without it the library calls fetch as a method of its own object, which workerd refuses.
    fetch: (...args) => fetch(...args),
  });
  const getNewToken = () => client.clientCredentials({ scope: ["pos_integration"] });
  const wrapper = new OAuth2Fetch({ client, getNewToken, scheduleRefresh: false });
  return { client, wrapper };
}

const HEADERS = { "cache-control": "no-store" };

export default {
  async fetch(request, env) {
    made ??= make(env);
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith("/token/")) {
      const { accessToken, expiresAt } = await made.wrapper.getToken();
      const expires_in = Math.floor((expiresAt - Date.now()) / 1000);
      const expires_at = Math.floor(expiresAt / 1000);
      const body = { access_token: accessToken, token_type: "Bearer", expires_in, expires_at };
      return Response.json(body, { headers: HEADERS });
    }
    if (pathname.startsWith("/api/")) {
      const rest = pathname.split("/").slice(4).join("/");
      return made.wrapper.fetch(`${env.UPSTREAM}/${rest}${search}`, {
        method: request.method,
        headers: { "content-type": request.headers.get("content-type") ?? "application/json" },
        body: request.body,
      });
    }
    if (pathname.startsWith("/refresh/")) {
      const { expiresAt } = await made.client.clientCredentials({ scope: ["pos_integration"] });
      return Response.json({ state: "fresh", expires_at: expiresAt }, { headers: HEADERS });
    }
    return new Response("Not found", { status: 404 });
  },
};

// The floor: a token exchange, a cached token and a forwarded call in as little JavaScript as they take, for one app.
// It checks nothing and trusts everybody: no key, no rule, no header list, no limit, no deadline, no storage.

/** @type {{ access_token: string, expires_at: number } | undefined} */
let token;

async function exchange(env) {
  const answer = await fetch(`${env.UPSTREAM}/connect/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${btoa(`${env.CLIENT_ID}:${env.CLIENT_SECRET}`)}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials&scope=pos_integration",
  });
  const { access_token, expires_in } = await answer.json();
  token = { access_token, expires_at: Math.floor(Date.now() / 1000) + expires_in };
  return token;
}

async function current(env) {
  return token === undefined || token.expires_at <= Date.now() / 1000 ? exchange(env) : token;
}

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

function answer({ access_token, expires_at }) {
  const expires_in = expires_at - Math.floor(Date.now() / 1000);
  const body = { access_token, token_type: "Bearer", expires_in, expires_at };
  return new Response(JSON.stringify(body), { headers: HEADERS });
}

export default {
  async fetch(request, env) {
    const path = request.url.slice(request.url.indexOf("/", 8));
    if (path.startsWith("/token/")) return answer(await current(env));
    if (path.startsWith("/api/")) {
      const { access_token } = await current(env);
      const rest = path.slice("/api/loyalty/main".length);
      return fetch(env.UPSTREAM + rest, {
        method: request.method,
        headers: {
          authorization: `Bearer ${access_token}`,
          "content-type": request.headers.get("content-type") ?? "application/json",
        },
        body: request.body,
      });
    }
    if (path.startsWith("/refresh/")) {
      const { expires_at } = await exchange(env);
      return new Response(JSON.stringify({ state: "fresh", expires_at }), { headers: HEADERS });
    }
    return new Response("Not found", { status: 404 });
  },
};

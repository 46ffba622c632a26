// A bare JavaScript worker that is taught what tillgate checks: callers' keys by hash, allow rules, header lists in both
// directions, problems, request ids, deadlines, and a vault in a Durable Object with single flight that stores the token
// sealed. One platform, no sessions, no configuration to read: what there is is written down here.

import { DurableObject } from "cloudflare:workers";

const REQUEST_HEADERS = [
  ...["accept", "accept-language", "content-encoding", "content-language", "content-type"],
  ...["idempotency-key", "if-match", "if-modified-since", "if-none-match", "if-range"],
  ...["if-unmodified-since", "prefer", "range", "traceparent", "tracestate"],
];
const RESPONSE_HEADERS = [
  ...["accept-ranges", "allow", "content-disposition", "content-encoding", "content-language"],
  ...["content-range", "content-type", "deprecation", "etag", "last-modified", "ratelimit"],
  ...["ratelimit-limit", "ratelimit-policy", "ratelimit-remaining", "ratelimit-reset"],
  ...["retry-after", "sunset"],
];
const RULES = [{ methods: ["GET", "POST"], pattern: /^\/pos\/[^/]+\/transaction$/ }];
const SEGMENT = /^\/(?:[\w.~!$&'()*+,;=:@-]+\/)*[\w.~!$&'()*+,;=:@-]*$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** @type {Map<string, { token: object, goodUntil: number }>} */
const memory = new Map();

const hex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function isKnown(request, env) {
  const [scheme, key] = (request.headers.get("authorization") ?? "").split(" ");
  if (scheme !== "Bearer" || key === undefined) return false;
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(key));
  const [own, known] = [encoder.encode(hex(digest)), encoder.encode(env.KEY_SHA256)];
  return own.byteLength === known.byteLength && crypto.subtle.timingSafeEqual(own, known);
}

function problem(code, status, requestId) {
  const body = { type: `urn:tillgate:problem:${code}`, title: code, status, code };
  return new Response(JSON.stringify({ ...body, request_id: requestId }), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-request-id": requestId,
    },
  });
}

function picked(from, names) {
  const headers = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

const vault = (env, name) => env.VAULT.get(env.VAULT.idFromName(name));

async function current(env, name) {
  const kept = memory.get(name);
  if (kept !== undefined && Date.now() < kept.goodUntil) return [kept.token, "memory"];
  const token = await vault(env, name).token();
  memory.set(name, { token, goodUntil: Math.min(Date.now() + 60_000, token.expires_at * 1000) });
  return [token, "vault"];
}

function tokenAnswer(token, source, env, requestId) {
  const { access_token, expires_at } = token;
  const body = {
    access_token,
    token_type: "Bearer",
    expires_in: expires_at - Math.floor(Date.now() / 1000),
    expires_at,
    headers: { authorization: `Bearer ${access_token}` },
    base_url: env.UPSTREAM,
  };
  return new Response(JSON.stringify(body), {
    headers: {
      "content-type": "application/json",
      "server-timing": `token;desc="${source}"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      vary: "Origin",
      "x-request-id": requestId,
    },
  });
}

/** Ends with an error where a piece or the seam of two repeats the token. */
function withoutToken(body, token) {
  let tail = "";
  const search = new TransformStream({
    transform(piece, controller) {
      const text = tail + decoder.decode(piece);
      if (text.includes(token)) throw new Error("the token was repeated");
      tail = text.slice(1 - token.length);
      controller.enqueue(piece);
    },
  });
  return body.pipeThrough(search);
}

async function forward(request, env, name, path, requestId) {
  const [target] = path.split("?");
  if (!SEGMENT.test(target)) return problem("bad_request", 400, requestId);
  const allowed = RULES.some(
    ({ methods, pattern }) => methods.includes(request.method) && pattern.test(target),
  );
  if (!allowed) return problem("path_not_allowed", 403, requestId);
  if (Number(request.headers.get("content-length") ?? 0) > 1_048_576)
    return problem("body_too_large", 413, requestId);
  const [{ access_token }, source] = await current(env, name);
  const url = env.UPSTREAM + path;
  if (new URL(url).href !== url) return problem("bad_request", 400, requestId);
  const headers = picked(request.headers, REQUEST_HEADERS);
  headers.set("authorization", `Bearer ${access_token}`);
  const abort = new AbortController();
  const deadline = setTimeout(() => abort.abort(), 30_000);
  let answer;
  try {
    answer = await fetch(url, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      cache: "no-store",
      signal: abort.signal,
    });
  } catch {
    clearTimeout(deadline);
    return problem("platform_unavailable", 503, requestId);
  }
  if (answer.status >= 300 && answer.status < 400)
    return problem("platform_answer_invalid", 502, requestId);
  const own = picked(answer.headers, RESPONSE_HEADERS);
  for (const [, value] of own)
    if (value.includes(access_token)) return problem("platform_answer_invalid", 502, requestId);
  own.set("server-timing", `token;desc="${source}"`);
  own.set("cache-control", "no-store");
  own.set("x-content-type-options", "nosniff");
  own.set("content-security-policy", "default-src 'none'; sandbox");
  own.set("vary", "Origin");
  own.set("x-request-id", requestId);
  const length = answer.headers.get("content-length");
  if (length === null || Number(length) > 65_536)
    return new Response(withoutToken(answer.body, access_token), {
      status: answer.status,
      headers: own,
    });
  const body = await answer.arrayBuffer();
  if (decoder.decode(body).includes(access_token))
    return problem("platform_answer_invalid", 502, requestId);
  return new Response(body, { status: answer.status, headers: own });
}

export default {
  async fetch(request, env) {
    const requestId = crypto.randomUUID();
    try {
      const path = request.url.slice(request.url.indexOf("/", 8));
      const [, route, app, account, ...rest] = path.split("/");
      if (request.headers.get("origin") !== null)
        return problem("origin_not_allowed", 403, requestId);
      if (!(await isKnown(request, env))) return problem("unauthenticated", 401, requestId);
      if (!/^loyalty(-\d+)?$/.test(app ?? "") || account !== "main")
        return problem("not_found", 404, requestId);
      const name = `${app}/${account}`;
      if (route === "token" && request.method === "POST") {
        const [token, source] = await current(env, name);
        return tokenAnswer(token, source, env, requestId);
      }
      if (route === "api")
        return await forward(request, env, name, `/${rest.join("/")}`, requestId);
      if (route === "refresh" && request.method === "POST") {
        const state = await vault(env, name).refresh();
        return new Response(JSON.stringify(state), {
          headers: {
            "content-type": "application/json",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            vary: "Origin",
            "x-request-id": requestId,
          },
        });
      }
      return problem("not_found", 404, requestId);
    } catch (error) {
      console.error(`request ${requestId} failed: ${error.name}`);
      return problem("internal", 500, requestId);
    }
  },
};

export class Vault extends DurableObject {
  #flight;
  #token;
  #key;

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS rows (name TEXT PRIMARY KEY, value BLOB)");
  }

  async token() {
    if (this.#token !== undefined && this.#token.expires_at > Date.now() / 1000) return this.#token;
    return this.#shared();
  }

  async refresh() {
    const { expires_at } = await this.#shared();
    return { state: "fresh", expires_at };
  }

  #shared() {
    this.#flight ??= this.#exchange().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #exchange() {
    const { UPSTREAM, CLIENT_ID, CLIENT_SECRET } = this.env;
    const abort = new AbortController();
    const deadline = setTimeout(() => abort.abort(), 10_000);
    const answer = await fetch(`${UPSTREAM}/connect/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}`,
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
      },
      body: "grant_type=client_credentials&scope=pos_integration",
      redirect: "manual",
      cache: "no-store",
      signal: abort.signal,
    });
    const { access_token, expires_in } = await answer.json();
    clearTimeout(deadline);
    const token = { access_token, expires_at: Math.floor(Date.now() / 1000) + expires_in };
    await this.#store(token);
    this.#token = token;
    return token;
  }

  async #store(token) {
    this.#key ??= await crypto.subtle.importKey(
      "raw",
      await crypto.subtle.digest("SHA-256", encoder.encode(this.env.CLIENT_SECRET)),
      "AES-GCM",
      false,
      ["encrypt"],
    );
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = encoder.encode(JSON.stringify(token));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.#key, text);
    const sql = "INSERT OR REPLACE INTO rows (name, value) VALUES ('token', ?)";
    this.ctx.storage.sql.exec(sql, sealed);
  }
}

// What each fuzz target starts from besides its corpus: the documented bytes of tests/vectors, the hostile ones, and one
// right input where no vector has its form. Nothing is run here.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DISGUISES } from "../e2e/disguises.js";

/** @typedef {{ status: number, body?: string, retry_after?: string }} Answer */

/** @param {string} name */
const read = (name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");

/** @param {string} name */
const vectors = (name) => JSON.parse(read(`../vectors/${name}.json`));

/** @param {Answer[]} answers */
const answers = (answers) =>
  answers.map(({ status, body = "", retry_after: wait }) =>
    [wait === undefined ? status : `${status} ${wait}`, body].join("\n"),
  );

/** @param {string} key */
const lifetimes = (key) =>
  vectors("lifetimes").lifetimes.map(
    (/** @type {{ expires_in: string }} */ { expires_in }) =>
      `200\n{"${key}":"abc","expires_in":${expires_in}}`,
  );

const anyPlatform = () => answers(vectors("any-platform").answers);

const hostilePaths = () =>
  vectors("hostile-paths").paths.map((/** @type {{ path: string }} */ { path }) => path);

/** The callbacks with the state that the target's login has. */
const callbacks = () =>
  vectors("clover").callbacks.map((/** @type {{ query: string }} */ { query }) =>
    query.replaceAll(vectors("clover").state, "A".repeat(43)),
  );

const KEY = "authorization: Bearer back-office-key-0123456789";
const GATE = "https://gate.example";
const STATE = "01".repeat(32);
const SEAL_KEY = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const TOKEN = `"access_token":"abc","obtained_at":1795600000,"expires_at":1795603600`;
const NAME = `"app":"cafe","account":"openapitest.1"`;

const requests = () => [
  `GET\n${GATE}/health\n\n`,
  `GET\n${GATE}/api/cafe/openapitest.1/menu/products?page=1\n\n${KEY}`,
  `POST\n${GATE}/api/loyalty/main/pos/7/transaction\n\n${KEY}\ncontent-length: 12`,
  `POST\n${GATE}/api/cafe/openapitest.1/orders\n{"rejected":"1.1"}\n${KEY}`,
  `POST\n${GATE}/token/cafe/openapitest.1\n\n${KEY}`,
  `POST\n${GATE}/refresh/cafe/openapitest.1\n\n${KEY}`,
  `GET\n${GATE}/connections\n{"replies":[{"reply":"names","names":[{${NAME}}]}]}\n${KEY}`,
  `GET\n${GATE}/login/till?return_to=/after&merchant_id=MERCHANT00001\n\n`,
  `GET\n${GATE}/callback/till?code=1&state=${"A".repeat(43)}\n\ncookie: __Host-tillgate-login-AAAAAAAAAAAA=x`,
  `POST\n${GATE}/logout\n\nx-tillgate: 1\norigin: https://shop.example\ncookie: __Host-tillgate=x`,
  `OPTIONS\n${GATE}/session\n\norigin: https://shop.example\naccess-control-request-method: GET`,
  ...hostilePaths().map(
    (/** @type {string} */ path) => `GET\n${GATE}/api/cafe2/a.1${path}\n\n${KEY}`,
  ),
];

const messages = () => [
  `{"ask":"token",${NAME},"session":"s","rejected":"1.1"}`,
  `{"ask":"list","limit":100,${NAME}}`,
  `{"ask":"report",${NAME},"error":"rate_limited","retry_after":30}`,
  `{"reply":"token",${NAME},${TOKEN},"refresh_at":1795603300,"ticket":"1.1","exchanged":true}`,
  `{"reply":"problem","code":"login_required","detail":"x","app":"till"}`,
  `{"reply":"blocked","error":"unavailable","until":1795600060}`,
  `{"reply":"status",${NAME},"platform":"clopos","state":"fresh","exchanges":3}`,
];

const connections = () => [
  `{"v":1,"epoch":1,"generation":2,"exchanges":3,"used":true,"login_required":false,"forced":{"count":1,"since":1795600000},` +
    `"token":{${TOKEN},"refresh_at":1795603300,"rejected":false},` +
    `"failure":{"error":"unavailable","count":2,"next_attempt_at":1795600060},"attempt":{"at":1795600000,"deaths":1}}`,
];

/** @type {Record<string, () => string[]>} */
const SEEDS = {
  address: () => [
    "https://integrations.clopos.com/open-api/v2/",
    "http://127.0.0.1:9101/base",
    "http://[::1]:8080",
    "https://xn--caf-dma.example",
  ],
  answer_clearline: () => [
    ...answers(vectors("clearline").answers),
    ...anyPlatform(),
    ...lifetimes("access_token"),
  ],
  answer_clopos: () => [
    ...answers(vectors("clopos-v1").answers),
    ...answers(vectors("clopos-v2").answers),
    ...anyPlatform(),
    ...lifetimes("token"),
  ],
  answer_clover: () => [
    ...answers(vectors("clover").answers),
    ...answers(vectors("clover").proof_answers),
    ...anyPlatform(),
    ...lifetimes("access_token"),
  ],
  basic: () => ["pos-demo\ns3cr3t!", "a:b c\nd%+e é"],
  callback: callbacks,
  configuration: () => [read("working.json"), "{}", '{"apps":{"cafe":{"platform":"clopos"}}}'],
  content_type: () => [
    "application/json",
    "text/html",
    "text/plain; charset=utf-8",
    "image/svg+xml",
  ],
  cookie: () => ["__Host-tillgate=abc; tillgate=def", "a=b;tillgate=1;tillgate=2"],
  form: () => [...callbacks(), "a=b+c&d=%C3%A9&=&e", "%zz=%e9&+%2B"],
  fragment: () => [
    `?&merchant_id=M&client_id=TILLGATEDEMO1&employee_id=E\n#access_token=T&state=${STATE}`,
    `?state=${STATE}&error=access_denied\n`,
    "?a=b\n#/in?access_token=T",
  ],
  json: () => [
    read("working.json"),
    ...messages(),
    ...vectors("public-json").texts.map((/** @type {{ text: string }} */ { text }) => text),
  ],
  login_options: () => [
    "APP1\nsandbox\n\nhttps://shop.example/\nM1",
    "APP1\n\nhttps://clover.example/authorize?a=b\n\n",
  ],
  message: messages,
  path: () => [...hostilePaths(), "/menu/products\npage=1&filter='a'"],
  planted: () => ["seed"],
  record_breaker: () => [
    '{"troubled":["a","b"],"fault":{"error":"unavailable","count":1,"until":1795600060}}',
  ],
  record_connection: connections,
  record_login: () => [
    '{"state":"s","client_id":"c","authorize_endpoint":"https://a.example/","return_to":"/","expires_at":1795600600}',
  ],
  request: requests,
  retry_after: () => ["30", "-1", "0", "315360000", "Sat, 21 Nov 2026 00:00:00 GMT"],
  return_to: () => [...DISGUISES, "/after?a=b#c", "https://shop.example/after"],
  rule: () => [
    "GET,POST /v3/merchants/{account}/**\nGET\nM1\n/v3/merchants/M1/items",
    "POST /pos/*/transaction\nPOST\nmain\n/pos/7/transaction",
    "GET /\nGET\nmain\n/",
  ],
  seal_keys: () => [SEAL_KEY, `${SEAL_KEY}=, k2:__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA\n`],
  sealed: () => ["\u0001\u0002k1", "\u0003\u0004"],
  url: () => [
    `\n${GATE}/api/cafe/openapitest.1/menu?a=b`,
    `/pos\nhttp://localhost:8787/pos/login/till?return_to=%2Fafter`,
  ],
};

/**
 * The seeds of a target.
 * @param {string} target
 * @returns {Buffer[]}
 */
export function seeds(target) {
  const made = SEEDS[target];
  if (made === undefined) throw new Error(`tests/fuzz/seeds.js knows no seed for ${target}`);
  return made().map((text) => Buffer.from(text));
}

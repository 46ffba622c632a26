// The jobs, as the bytes of their requests. Every contender gets the same bytes.

import { bytesOf } from "./client.js";
import { appNames, KEY } from "./contenders.js";

/**
 * @typedef {object} Job
 * @property {string} name
 * @property {string} title
 * @property {number} requests in one round
 * @property {(connection: number, index: number) => Buffer} request
 */

/** What programs send by themselves, beside the key. */
const HEADERS = {
  authorization: `Bearer ${KEY}`,
  accept: "application/json",
  "user-agent": "bench",
};
export const CONNECTIONS = 32;

/** @param {number} bytes */
function forwarded(bytes) {
  const body = Buffer.from(`{"data":"${"y".repeat(bytes - 11)}"}`);
  const headers = { ...HEADERS, "content-type": "application/json" };
  return bytesOf("POST", `/api/loyalty/main/pos/${bytes}/transaction`, { headers, body });
}

const cached = bytesOf("POST", "/token/loyalty/main", { headers: HEADERS });
const small = forwarded(1000);
const large = forwarded(1_000_000);
/** Each client has a connection of its own, so that no exchange is shared. */
const exchanges = appNames(CONNECTIONS).map((app) =>
  bytesOf("POST", `/refresh/${app}/main`, { headers: HEADERS }),
);

/** @type {Job[]} */
export const JOBS = [
  { name: "cached", title: "cached token", requests: 4000, request: () => cached },
  { name: "forward", title: "forwarded call, 1 KB each way", requests: 1500, request: () => small },
  { name: "stream", title: "forwarded call, 1 MB each way", requests: 32, request: () => large },
  {
    name: "exchange",
    title: "exchange",
    requests: 500,
    request: (connection) => exchanges[connection % CONNECTIONS] ?? cached,
  },
];

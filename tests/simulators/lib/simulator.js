// One simulator: a real HTTP server on loopback in front of a platform. It receives, records, lets
// the fault plan have its say, asks the platform, and delivers. What a platform answers is not here.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Control } from "./control.js";
import { answerControl } from "./control-http.js";
import { deliver, disturbConnection, patched, standIn } from "./deliver.js";
import { receive } from "./received.js";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { AddressInfo, Socket } from "node:net" */
/** @import { Answer } from "./answer.js" */
/** @import { Clock } from "./clock.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Received } from "./received.js" */
/** @import { Labels, RecordedRequest } from "./recorder.js" */
/** @import { Credentials, Registry, Settings } from "./registry.js" */
/** @import { FaultAction } from "./rules.js" */
/** @import { TokenStore } from "./tokens.js" */

/**
 * @template {Credentials} App
 * @template {Record<string, string | number | boolean>} S
 * @typedef {object} Platform
 * @property {string} name `clopos`, `clearline`, `clover`.
 * @property {Clock} clock
 * @property {TokenStore} tokens
 * @property {Registry<App>} apps
 * @property {Settings<S>} settings
 * @property {(received: Received) => Labels} identify Whom a request concerns; changes nothing.
 * @property {(received: Received) => Outcome} handle
 * @property {() => void} reset Forgets what requests made: codes, orders.
 */

const HOST = "127.0.0.1";

/**
 * @template {Credentials} App
 * @template {Record<string, string | number | boolean>} S
 */
export class Simulator {
  #platform;
  #http;
  #tcp;
  #port = 0;
  /** @type {Set<Socket>} */
  #sockets = new Set();
  #listening = false;
  #closed = false;

  /** @param {Platform<App, S>} platform */
  constructor(platform) {
    this.#platform = platform;
    this.control = new Control(platform, {
      refuse: () => this.#stopListening(),
      accept: () => this.#listen(this.#port),
    });
    this.#http = createHttpServer({ keepAliveTimeout: 60_000 }, (message, response) => {
      this.#serve(message, response).catch(() => response.destroy());
    });
    this.#http.on("clientError", (_error, socket) => {
      this.control.recorder.count("malformed");
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    });
    this.#tcp = createTcpServer((socket) => this.#connected(socket));
  }

  get name() {
    return this.#platform.name;
  }

  /** Origin of this simulator, without a trailing slash. */
  get url() {
    return `http://${HOST}:${this.#port}`;
  }

  get port() {
    return this.#port;
  }

  /** @param {number} port 0 for any that is free. */
  async start(port) {
    await this.#listen(port);
  }

  /** Ends it: open connections are cut, gates are opened. */
  async close() {
    this.#closed = true;
    this.control.faults.clear();
    await this.#stopListening();
    this.#http.close();
  }

  /** @param {number} port */
  async #listen(port) {
    if (this.#listening || this.#closed) return;
    this.#listening = true;
    this.#tcp.listen(port, HOST);
    await once(this.#tcp, "listening");
    this.#port = /** @type {AddressInfo} */ (this.#tcp.address()).port;
  }

  async #stopListening() {
    if (!this.#listening) return;
    this.#listening = false;
    this.#tcp.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#tcp, "close");
  }

  /** @param {Socket} socket */
  #connected(socket) {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    this.control.recorder.count("connections");
    const action = this.control.faults.takeConnection();
    if (action && action.type !== "pass") disturbConnection(socket, action);
    else this.#http.emit("connection", socket);
  }

  /**
   * @param {IncomingMessage} message
   * @param {ServerResponse} response
   */
  async #serve(message, response) {
    const received = await receive(message);
    if (!received) return;
    if (received.path.startsWith("/__sim/")) {
      return deliver(response, await answerControl(this.control, received), undefined);
    }
    const { recorder } = this.control;
    recorder.count("in_flight");
    response.once("close", () => recorder.count("in_flight", -1));
    const labels = this.#platform.identify(received);
    const record = recorder.begin(received, labels, this.#platform.clock.now());
    const action = this.control.faults.takeRequest(labels, received);
    if (action) record.fault = action.type;
    const answer = await this.#answer(received, record, action);
    if (action?.type === "delay") await pause(action.ms);
    if (action?.type === "gate") await this.control.faults.wait(action.name);
    await deliver(response, answer, action);
  }

  /**
   * @param {Received} received
   * @param {RecordedRequest} record
   * @param {FaultAction | undefined} action
   * @returns {Promise<Answer>}
   */
  async #answer(received, record, action) {
    const { recorder } = this.control;
    const instead = action && (isLeftOut(action) ? NOTHING : await standIn(action));
    if (instead) {
      recorder.finish(record, { result: "faulted", status: instead.status });
      return instead;
    }
    const outcome = this.#platform.handle(received);
    const answer = action ? patched(outcome.answer, action) : outcome.answer;
    if (outcome.created) recorder.count("created");
    recorder.finish(record, { ...outcome, status: answer.status });
    return answer;
  }
}

/** @type {Answer} */
const NOTHING = { status: 200, headers: [], body: Buffer.alloc(0) };

/**
 * @param {FaultAction} action
 * @returns {boolean} Whether the platform never sees the request and nothing is sent either.
 */
function isLeftOut(action) {
  if (action.type !== "hang" && action.type !== "reset") return false;
  return (action.when ?? "before_headers") === "before_headers" && action.execute !== true;
}

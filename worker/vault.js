/**
 * The Durable Object: rows of bytes in SQLite, and the one slot for an exchange under way. What is in the rows and when
 * to exchange is decided in `worker/src/vault.rs`.
 */

import { DurableObject } from "cloudflare:workers";

import * as wasm from "./dist/tillgate_worker.js";
import { call, isReady, report, start } from "./module.js";
import { ask } from "./objects.js";
import { Rows } from "./rows.js";
import { send } from "./send.js";

/** The directory's name, as in `worker/src/message.rs`. */
const DIRECTORY = "directory";

/** How a turn of a flight ends; the numbers are those of `worker/src/runtime/flights.rs`. */
const LANDED = 0;
const SEND = 1;
const LOST = 3;

/** Numbers of flights, which all objects of an isolate share, and all instances of the module that it has had. */
let flights = 0;

export class Vault extends DurableObject {
  #rows;
  /** Whether an exchange has come to its end since this object was started, so that exchanges are not what kills it. */
  #survived = false;
  /**
   * The exchange under way, which never rejects: it gives undefined if it was cut off. All requests of one object may wait
   * for one promise.
   *
   * @type {Promise<{ reply: string | undefined } | undefined> | undefined}
   */
  #flight;

  /**
   * @param {DurableObjectState} ctx
   * @param {import("./types").Env} env
   */
  constructor(ctx, env) {
    super(ctx, env);
    this.#rows = new Rows(ctx.storage);
  }

  /**
   * @param {string} message JSON
   * @returns {Promise<string>} the reply as JSON
   */
  async call(message) {
    try {
      if (!isReady()) await start(this.env);
      return await this.#call(message);
    } catch (error) {
      report("a call of the vault", error);
      throw new Error("The vault failed.");
    }
  }

  /** @param {string} message */
  async #call(message) {
    for (let waits = 0; ; waits += 1) {
      const [reply, launch, announce] = call(() =>
        wasm.vaultCall(this.#rows, message, Date.now(), this.#flight !== undefined, waits > 0),
      );
      if (launch) this.#launch(message);
      if (announce !== undefined) await ask(this.env, DIRECTORY, announce);
      if (reply !== undefined) return reply;
      const landed = await this.#flight;
      // Whoever waits for somebody else's exchange that was cut off may begin one, but nobody goes on for ever.
      if (landed === undefined && (launch || waits > 0))
        throw new Error("No exchange came to an end.");
      if (launch && landed?.reply !== undefined) return landed.reply;
    }
  }

  /** Starts an exchange that does not depend on whoever asked for it. @param {string} message */
  #launch(message) {
    const flight = this.#fly(message).finally(() => {
      if (this.#flight === flight) this.#flight = undefined;
    });
    this.#flight = flight;
    this.ctx.waitUntil(flight);
  }

  /** @param {string} message */
  async #fly(message) {
    try {
      const reply = await this.#turns(message);
      await this.#announce();
      return { reply };
    } catch (error) {
      report("an exchange", error);
      this.#noteCut(message);
      return undefined;
    }
  }

  /** What kills exchanges is not tried again and again: the next one is noted before it begins. @param {string} message */
  #noteCut(message) {
    const survived = this.#survived;
    this.#survived = false;
    try {
      call(() => wasm.flightCut(this.#rows, message, survived, Date.now()));
    } catch (error) {
      report("noting that an exchange was cut off", error);
    }
  }

  /**
   * Does what each turn of a flight asks for, until it is over.
   *
   * @param {string} message
   * @returns {Promise<string | undefined>} the reply, if the flight has one
   */
  async #turns(message) {
    const number = flights++;
    let turn = call(() =>
      wasm.flightBegin(number, this.#rows, message, this.#survived, Date.now()),
    );
    for (;;) {
      if (turn[0] === LANDED) {
        this.#survived = true;
        return turn[1];
      }
      // Another request's trap took it along: cut off, as if it had been its own.
      if (turn[0] === LOST) throw new Error("The flight was lost.");
      turn = turn[0] === SEND ? await this.#send(number, turn) : await this.#ask(number, turn);
    }
  }

  /** @param {number} number @param {any[]} turn */
  async #send(number, turn) {
    const { failed, status, retryAfter, reset, body } = await send(turn);
    const now = Date.now();
    return call(() =>
      failed === undefined
        ? wasm.flightSent(number, now, status, retryAfter, reset, body)
        : wasm.flightFailed(number, now, failed === "timeout"),
    );
  }

  /** @param {number} number @param {any[]} turn `2, object, message` */
  async #ask(number, [, object, message]) {
    const reply = await ask(this.env, object, message).catch(() => undefined);
    return call(() => wasm.flightReplied(number, Date.now(), reply));
  }

  /** Tells the directory of a connection that stores something, once. If that fails, the next exchange tells it. */
  async #announce() {
    const message = call(() => wasm.vaultAnnouncement(this.#rows));
    if (message === undefined) return;
    try {
      await ask(this.env, DIRECTORY, message);
      call(() => wasm.vaultAnnounced(this.#rows));
    } catch (error) {
      report("telling the directory", error);
    }
  }

  async alarm() {
    this.#rows.woken();
    if (!isReady()) await start(this.env);
    const message = call(() => wasm.vaultAlarm(this.#rows, Date.now(), this.#flight !== undefined));
    if (message !== undefined) this.#launch(message);
    await this.#flight;
  }
}

// What a platform makes of a request: an answer, whether that is a success, the behaviour it rests
// on, and what was wrong with the request's form.

/** @import { BehaviourId } from "../behaviours.js" */
/** @import { Answer } from "./answer.js" */

/**
 * @typedef {object} Outcome
 * @property {"succeeded" | "rejected"} result
 * @property {BehaviourId} behaviour
 * @property {Answer} answer
 * @property {string[]} problems Departures from the documented form, for a person.
 * @property {boolean} [created] An order or transaction was made.
 */

/**
 * @param {BehaviourId} behaviour
 * @param {Answer} answer
 * @returns {Outcome}
 */
export function succeed(behaviour, answer) {
  return { result: "succeeded", behaviour, answer, problems: [] };
}

/**
 * A success that made something which a repeated request would make again.
 * @param {BehaviourId} behaviour
 * @param {Answer} answer
 * @returns {Outcome}
 */
export function create(behaviour, answer) {
  return { ...succeed(behaviour, answer), created: true };
}

/**
 * A request in the documented form that the platform refuses.
 * @param {BehaviourId} behaviour
 * @param {Answer} answer
 * @returns {Outcome}
 */
export function reject(behaviour, answer) {
  return { result: "rejected", behaviour, answer, problems: [] };
}

/**
 * A request that no documentation describes.
 * @param {BehaviourId} behaviour
 * @param {Answer} answer
 * @param {string[]} problems
 * @returns {Outcome}
 */
export function wrong(behaviour, answer, problems) {
  return { result: "rejected", behaviour, answer, problems };
}

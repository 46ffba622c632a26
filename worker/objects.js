/** Asking a Durable Object by its name. */

/**
 * @param {import("./types").Env} env
 * @param {string} object the object's name
 * @param {string} message JSON for it
 * @returns {Promise<string>} its reply as JSON
 */
export function ask(env, object, message) {
  return env.VAULT.getByName(object).call(message);
}

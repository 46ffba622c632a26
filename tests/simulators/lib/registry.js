// The apps registered at a platform, and its settings: what options give, what control changes
// while it runs, and what `reset` brings back.

/** @typedef {{client_id: string, client_secret: string}} Credentials */

/** @template {Credentials} App */
export class Registry {
  /** @type {Map<string, App>} */
  #apps = new Map();
  #initial;
  #complete;

  /**
   * @param {(Partial<App> & Credentials)[]} apps
   * @param {(app: Partial<App> & Credentials) => App} complete Fills in a platform's defaults.
   */
  constructor(apps, complete) {
    this.#initial = structuredClone(apps);
    this.#complete = complete;
    this.reset();
  }

  /**
   * Adds an app, or replaces the one with that client id.
   * @param {Partial<App> & Credentials} app
   * @returns {App}
   */
  add(app) {
    if (typeof app?.client_id !== "string" || typeof app.client_secret !== "string") {
      throw new TypeError("app: client_id and client_secret are needed, as text");
    }
    const whole = this.#complete(structuredClone(app));
    this.#apps.set(whole.client_id, whole);
    return whole;
  }

  /**
   * @param {string} clientId
   * @param {Partial<App>} changes
   * @returns {App}
   */
  patch(clientId, changes) {
    const app = this.find(clientId);
    if (!app) throw new RangeError(`app: no app has the client id ${clientId}`);
    return Object.assign(app, structuredClone(changes), { client_id: clientId });
  }

  /**
   * @param {unknown} clientId
   * @returns {App | undefined}
   */
  find(clientId) {
    return typeof clientId === "string" ? this.#apps.get(clientId) : undefined;
  }

  /** @returns {App[]} */
  list() {
    return [...this.#apps.values()];
  }

  reset() {
    this.#apps.clear();
    for (const app of this.#initial) this.add(app);
  }
}

/** @template {Record<string, string | number | boolean>} T */
export class Settings {
  #defaults;
  #choices;

  /**
   * @param {T} defaults
   * @param {Partial<Record<keyof T, readonly unknown[]>>} choices The values a setting may have,
   *   where its type alone does not say.
   */
  constructor(defaults, choices) {
    this.#defaults = { ...defaults };
    this.#choices = choices;
    /** @type {T} */
    this.values = { ...defaults };
  }

  /**
   * @param {Partial<T>} changes
   * @returns {T} All settings after the change.
   */
  patch(changes) {
    for (const [name, value] of Object.entries(changes)) this.#check(name, value);
    Object.assign(this.values, changes);
    return { ...this.values };
  }

  reset() {
    this.values = { ...this.#defaults };
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  #check(name, value) {
    if (!Object.hasOwn(this.#defaults, name)) {
      throw new RangeError(`settings.${name}: known are ${Object.keys(this.#defaults).join(", ")}`);
    }
    const choices = this.#choices[name];
    if (choices && !choices.includes(value)) {
      throw new RangeError(`settings.${name}: one of ${choices.join(", ")} is needed`);
    }
    if (typeof value !== typeof this.#defaults[name]) {
      throw new TypeError(`settings.${name}: a ${typeof this.#defaults[name]} is needed`);
    }
  }
}

/** A Durable Object's storage as rows of bytes, the way `worker/src/vault/rows.rs` asks for them. All synchronous. */

export class Rows {
  #storage;
  #sql;

  /** @param {DurableObjectStorage} storage */
  constructor(storage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#create();
  }

  #create() {
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS rows (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    );
  }

  /** @param {string} name */
  get(name) {
    const [row] = this.#sql.exec("SELECT value FROM rows WHERE name = ?", name).toArray();
    return row === undefined ? undefined : new Uint8Array(/** @type {ArrayBuffer} */ (row.value));
  }

  /** @param {string} name @param {Uint8Array} value */
  put(name, value) {
    this.#sql.exec(
      "INSERT OR REPLACE INTO rows (name, value) VALUES (?, ?)",
      name,
      value.slice().buffer,
    );
  }

  /** @param {string} name */
  delete(name) {
    this.#sql.exec("DELETE FROM rows WHERE name = ?", name);
  }

  /** @param {string} after @param {number} limit */
  names(after, limit) {
    const rows = this.#sql.exec(
      "SELECT name FROM rows WHERE name > ? ORDER BY name LIMIT ?",
      after,
      limit,
    );
    return rows.toArray().map((row) => String(row.name));
  }

  /** Throws the whole database away, so that no page of it keeps what was in a row. */
  clear() {
    this.setAlarm(undefined);
    this.#storage.deleteAll().catch(() => {});
    this.#create();
  }

  /** @param {number | undefined} milliseconds since the epoch */
  setAlarm(milliseconds) {
    const done =
      milliseconds === undefined
        ? this.#storage.deleteAlarm()
        : this.#storage.setAlarm(milliseconds);
    done.catch(() => {});
  }
}

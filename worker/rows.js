/** A Durable Object's storage as rows of bytes, the way `worker/src/vault/rows.rs` asks for them. All synchronous. */

/** Most rows that are kept in memory. A vault has five; a directory reads its many rows by `names` alone. */
const MAX_KEPT = 16;

export class Rows {
  #storage;
  #sql;
  /** Rows as they are stored: nobody but this object writes them, and what is lost with it is stored. Undefined for one
   * that is not there. @type {Map<string, Uint8Array | undefined>} */
  #kept = new Map();

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
    if (!this.#kept.has(name)) this.#keep(name, this.#read(name));
    return this.#kept.get(name);
  }

  /** @param {string} name @param {Uint8Array | undefined} value */
  #keep(name, value) {
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(name, value);
  }

  /** @param {string} name */
  #read(name) {
    const [row] = this.#sql.exec("SELECT value FROM rows WHERE name = ?", name).toArray();
    return row === undefined ? undefined : new Uint8Array(/** @type {ArrayBuffer} */ (row.value));
  }

  /** Writes a row, unless just that is stored already. @param {string} name @param {Uint8Array} value */
  put(name, value) {
    if (isSame(this.get(name), value)) return;
    const copy = value.slice();
    this.#sql.exec("INSERT OR REPLACE INTO rows (name, value) VALUES (?, ?)", name, copy.buffer);
    this.#keep(name, copy);
  }

  /** @param {string} name */
  delete(name) {
    this.#sql.exec("DELETE FROM rows WHERE name = ?", name);
    this.#kept.delete(name);
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
    this.#kept.clear();
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

/** @param {Uint8Array | undefined} stored @param {Uint8Array} value */
function isSame(stored, value) {
  return (
    stored !== undefined &&
    stored.byteLength === value.byteLength &&
    stored.every((byte, index) => byte === value[index])
  );
}

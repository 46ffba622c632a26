/** A Durable Object's storage as rows of bytes, the way `worker/src/vault/rows.rs` asks for them. All synchronous. */

/** Most rows that are kept in memory. A vault has six; a directory reads its many rows by `names` alone. */
const MAX_KEPT = 16;
/** At every so many entries of the trail the oldest are dropped. */
const DROPPED_TOGETHER = 20;

export class Rows {
  #storage;
  #sql;
  /**
   * Rows as they are stored: nobody but this object writes them, so a copy is never older than the row. Undefined for one
   * that is not there.
   *
   * @type {Map<string, Uint8Array | undefined>}
   */
  #kept = new Map();
  /** Whether the trail's table is there. */
  #hasTrail = false;
  /** The alarm, as far as this object knows: undefined if it does not, null for none. @type {number | null | undefined} */
  #alarm;

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

  /** Throws the whole database away, so that no page of it keeps what was in a row. The trail is put into the new one. */
  clear() {
    this.setAlarm(undefined);
    this.#kept.clear();
    const trail = [...this.#ofTrail("SELECT * FROM trail").raw()];
    this.#storage.deleteAll().catch(() => {});
    this.#hasTrail = false;
    this.#create();
    for (const entry of trail) this.#ofTrail("INSERT INTO trail VALUES (?, ?, ?, ?)", ...entry);
  }

  /**
   * A query about the trail, which only objects have that once asked for it.
   *
   * @param {string} query @param {SqlStorageValue[]} values
   */
  #ofTrail(query, ...values) {
    if (!this.#hasTrail)
      this.#sql.exec(
        "CREATE TABLE IF NOT EXISTS trail (sequence INTEGER PRIMARY KEY, what TEXT NOT NULL, failed INTEGER NOT NULL, entry TEXT NOT NULL)",
      );
    this.#hasTrail = true;
    return this.#sql.exec(query, ...values);
  }

  /**
   * Appends to the trail. Now and then what is older than the latest `most` of each kind is dropped.
   *
   * @param {string} what @param {boolean} failed @param {string} entry JSON @param {number} most
   */
  append(what, failed, entry, most) {
    const added = this.#ofTrail(
      "INSERT INTO trail (what, failed, entry) VALUES (?, ?, ?) RETURNING sequence",
      what,
      Number(failed),
      entry,
    );
    if (Number(added.one().sequence) % DROPPED_TOGETHER > 0) return;
    this.#ofTrail(
      "DELETE FROM trail WHERE sequence IN (SELECT sequence FROM (SELECT sequence, row_number() OVER (PARTITION BY what, failed ORDER BY sequence DESC) AS number FROM trail) WHERE number > ?)",
      most,
    );
  }

  /** The last entry that tells of a failure of this. @param {string} what @returns {string | undefined} */
  lastFailure(what) {
    const last =
      "SELECT entry FROM trail WHERE what = ? AND failed = 1 ORDER BY sequence DESC LIMIT 1";
    const [row] = this.#ofTrail(last, what).toArray();
    return row === undefined ? undefined : String(row.entry);
  }

  /** Entries with their sequence numbers, the newest first. @param {number} before @param {number} limit */
  trail(before, limit) {
    const rows = this.#ofTrail(
      `SELECT '{"sequence":' || sequence || ',' || substr(entry, 2) AS entry FROM trail WHERE sequence < ? ORDER BY sequence DESC LIMIT ?`,
      before,
      limit,
    );
    return rows.toArray().map((row) => String(row.entry));
  }

  /**
   * An alarm that is set for earlier stays: who is woken too early sets the next, and setting one is a write.
   *
   * @param {number | undefined} milliseconds since the epoch
   */
  setAlarm(milliseconds) {
    const wanted = milliseconds ?? null;
    if (wanted === this.#alarm) return;
    if (wanted !== null && this.#alarm && this.#alarm > Date.now() && this.#alarm < wanted) return;
    this.#alarm = wanted;
    const done =
      milliseconds === undefined
        ? this.#storage.deleteAlarm()
        : this.#storage.setAlarm(milliseconds);
    done.catch(() => {
      this.#alarm = undefined;
    });
  }

  /** The alarm has come, so there is none. */
  woken() {
    this.#alarm = null;
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

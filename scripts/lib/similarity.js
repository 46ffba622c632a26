// Orders pieces of code so that gzip makes the least of them: it looks back 32 KB for what it has seen before. What they are
// pieces of is not known here, and no compressor is asked: its answers would differ from machine to machine.

/** Two pieces resemble each other by runs of so many bytes that both have. */
const RUN_BYTES = 5;
/** A run that more pieces have than this says nothing. */
const MOST_HOLDERS = 400;
/** So many of the last pieces say which ones may follow. */
const LOOK_BACK = 3;
/** So many of those are tried. */
const CANDIDATES = 16;
/** Keeps the shortest pieces, of which little can be alike, from always being candidates. */
const SHORT = 60;

/** Deflate (RFC 1951), roughly: how far back it sees, and what it writes for a byte and for a repetition, in bits. */
const WINDOW_BYTES = 32_000;
const BYTE_BITS = 7;
const REPETITION_BITS = 24;
/** The shortest repetition that is less than its bytes, and in how many places one is looked for. */
const SHORTEST = 4;
const MOST_PLACES = 8;

/** What is in order already. */
class Written {
  #bytes;
  #length = 0;
  /** Where each {@link SHORTEST} bytes stand. @type {Map<number, number[]>} */
  #places = new Map();

  /** @param {number} capacity */
  constructor(capacity) {
    this.#bytes = Buffer.alloc(capacity);
  }

  /** @param {Buffer} piece */
  append(piece) {
    const first = Math.max(0, this.#length - SHORTEST + 1);
    piece.copy(this.#bytes, this.#length);
    this.#length += piece.length;
    for (let at = first; at + SHORTEST <= this.#length; at += 1)
      add(this.#places, this.#bytes.readUInt32BE(at), at);
  }

  /** About how many bits a byte of a piece takes if it stands next. @param {Buffer} piece */
  cost(piece) {
    let bits = 0;
    for (let at = 0; at < piece.length; ) {
      const length = this.#repeated(piece, at);
      bits += length > 0 ? REPETITION_BITS : BYTE_BITS;
      at += Math.max(1, length);
    }
    return bits / piece.length;
  }

  /** How many bytes from there on stand in the window too. @param {Buffer} piece @param {number} at */
  #repeated(piece, at) {
    if (at + SHORTEST > piece.length) return 0;
    const places = this.#places.get(piece.readUInt32BE(at)) ?? [];
    const seen = places
      .slice(-MOST_PLACES)
      .filter((place) => place >= this.#length - WINDOW_BYTES)
      .map((place) => this.#alike(place, piece, at));
    return Math.max(0, ...seen);
  }

  /** @param {number} place @param {Buffer} piece @param {number} at */
  #alike(place, piece, at) {
    const most = Math.min(this.#length - place, piece.length - at);
    let length = SHORTEST;
    while (length < most && this.#bytes[place + length] === piece[at + length]) length += 1;
    return length;
  }
}

/**
 * An order in which each piece repeats much of those before it.
 * @param {Buffer[]} pieces
 * @returns {number[]} their indices
 */
export function bySimilarity(pieces) {
  const similar = similarity(pieces);
  const written = new Written(pieces.reduce((sum, { length }) => sum + length, 0));
  const left = new Set(pieces.keys());
  /** @type {number[]} */
  const order = [];
  for (;;) {
    const candidates = similar(order.slice(-LOOK_BACK), left);
    const costs = candidates.map((index) => written.cost(pieces[index] ?? Buffer.of()));
    const next = candidates[costs.indexOf(Math.min(...costs))] ?? [...left][0];
    if (next === undefined) return order;
    order.push(next);
    left.delete(next);
    written.append(pieces[next] ?? Buffer.of());
  }
}

/**
 * Finds what resembles some pieces, the last of which weighs most.
 * @param {Buffer[]} pieces
 * @returns {(last: number[], left: Set<number>) => number[]} the candidates among those that are left
 */
function similarity(pieces) {
  const runs = pieces.map(runsOf);
  /** @type {Map<number, number[]>} */
  const holders = new Map();
  for (const [index, set] of runs.entries()) for (const run of set) add(holders, run, index);
  return (last, left) => {
    /** @type {Map<number, number>} */
    const shared = new Map();
    for (const [age, index] of last.reverse().entries())
      for (const run of runs[index] ?? [])
        for (const other of rare(holders.get(run)))
          if (left.has(other)) shared.set(other, (shared.get(other) ?? 0) + 1 / (1 + age));
    const shares = [...shared].map(([index, weight]) => ({
      index,
      share: weight / ((runs[index]?.size ?? 0) + SHORT),
    }));
    shares.sort((a, b) => b.share - a.share || a.index - b.index);
    return shares.slice(0, CANDIDATES).map(({ index }) => index);
  };
}

/** @param {Buffer} piece */
function runsOf(piece) {
  /** @type {Set<number>} */
  const runs = new Set();
  for (let at = 0; at + RUN_BYTES <= piece.length; at += 1)
    runs.add(piece.readUIntBE(at, RUN_BYTES));
  return runs;
}

/** @param {number[]} [holders] */
const rare = (holders = []) => (holders.length > MOST_HOLDERS ? [] : holders);

/** @param {Map<number, number[]>} lists @param {number} key @param {number} value */
function add(lists, key, value) {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

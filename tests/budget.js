// How large what is shipped may be. Both the deployed worker and the packed one are held to this.

/**
 * Most bytes of the worker's whole upload, each module compressed with gzip as wrangler reports it. See "Size" in
 * CONTRIBUTING.md for what takes the room.
 */
export const MOST_UPLOAD_BYTES = 120_000;

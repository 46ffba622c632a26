/**
 * The page at `redirectUri` of {@link popupLogin} imports this and nothing else. It erases the answer from its URL,
 * hands it to the page that opened it (same origin only), and is closed.
 *
 * @example
 * ```html
 * <!doctype html>
 * <title>Logging in…</title>
 * <p>You can close this window.</p>
 * <script type="module">import "tillgate/popup";</script>
 * ```
 */
export {};

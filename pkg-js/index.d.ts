/**
 * What a login at Clover is asked for.
 *
 * @example
 * ```ts
 * const options: LoginOptions = { clientId: "YOUR_APP_ID", region: "la", redirectUri: "https://shop.example/" };
 * ```
 */
export interface LoginOptions {
  /** The app's id (client id), as Clover's developer dashboard shows it. */
  clientId: string;
  /** Where the merchant's account lives. Either this or {@link authorizeUrl} is needed. */
  region?: "sandbox" | "eu" | "la";
  /** Stands in place of the region's preset: an https URL (http only on a loopback host). */
  authorizeUrl?: string;
  /**
   * The absolute URL, without fragment, of the page that Clover sends the merchant back to. Default: the app's Site URL
   * at Clover.
   */
  redirectUri?: string;
  /** The merchant, if known in advance: Clover then does not ask for it. */
  merchantId?: string;
}

/**
 * A token in memory, and what Clover said beside it.
 *
 * @example
 * ```ts
 * const headers = { Authorization: `Bearer ${login.accessToken}` };
 * JSON.stringify(login); // {"merchantId":"…","employeeId":"…","clientId":"…"}
 * login.forget();
 * login.accessToken; // ""
 * ```
 */
export interface Login {
  /**
   * The token, for `Authorization: Bearer …`; empty after {@link forget}. It is not enumerable: JSON, spreading,
   * cloning and the console do not show it.
   */
  readonly accessToken: string;
  /**
   * The merchant that the token is said to act for. It comes from the URL: before anything depends on it, let
   * `GET /v3/merchants/{merchantId}` with the token prove it.
   */
  readonly merchantId: string | null;
  /** The employee who logged in, if Clover said so. It comes from the URL. */
  readonly employeeId: string | null;
  /** The app that the token belongs to, if Clover said so. */
  readonly clientId: string | null;
  /** Drops the token from memory. It stays valid at Clover, which has no way to revoke it. */
  forget(): void;
}

/**
 * Why there is no login.
 *
 * - `state_missing`: the answer carries no state, or this tab waits for none. Start a new login.
 * - `state_mismatch`: the answer belongs to another login than the one that this tab began. Start a new login.
 * - `client_mismatch`: the token is another app's.
 * - `access_denied`: Clover answered with an error.
 * - `malformed`: the answer can be read in more than one way, or in none.
 * - `popup_blocked`: call {@link popupLogin} directly in a click handler.
 * - `popup_closed`: the merchant closed the popup.
 * - `aborted`: by the signal; its reason is the error's `cause`.
 * - `wasm_blocked`: the page's Content-Security-Policy lacks `'wasm-unsafe-eval'` in `script-src`.
 *
 * @example
 * ```ts
 * const again: TillgateErrorCode[] = ["state_missing", "state_mismatch", "popup_closed"];
 * ```
 */
export type TillgateErrorCode =
  | "state_missing"
  | "state_mismatch"
  | "client_mismatch"
  | "access_denied"
  | "malformed"
  | "popup_blocked"
  | "popup_closed"
  | "aborted"
  | "wasm_blocked";

/**
 * A login that failed. Its message says what to do and holds nothing of the URL.
 *
 * @example
 * ```ts
 * try {
 *   completeLogin();
 * } catch (error) {
 *   if (!(error instanceof TillgateError)) throw error;
 *   if (error.code === "access_denied") show("You did not allow it.");
 *   else show("That did not work. Please log in again.");
 * }
 * ```
 */
export class TillgateError extends Error {
  constructor(code: TillgateErrorCode, message: string, options?: ErrorOptions);
  readonly name: "TillgateError";
  readonly code: TillgateErrorCode;
}

/**
 * Builds the URL of a login and its `state` (256 random bits), and does nothing else. {@link completeLogin} accepts
 * only what {@link startLogin} began: this is for those who keep the state themselves.
 *
 * @throws {TypeError} an option is wrong; the message names it
 * @throws {TillgateError} `wasm_blocked`
 *
 * @example
 * ```js
 * const { url, state } = loginUrl({ clientId: "YOUR_APP_ID", region: "eu" });
 * ```
 */
export function loginUrl(options: LoginOptions): { url: string; state: string };

/**
 * Remembers a fresh state for this tab and goes to Clover.
 *
 * @throws {TypeError} an option is wrong; the message names it
 * @throws {TillgateError} `wasm_blocked`; `state_missing` if the page may not use sessionStorage
 *
 * @example
 * ```js
 * button.onclick = () =>
 *   startLogin({ clientId: "YOUR_APP_ID", region: "eu", redirectUri: location.origin + "/" });
 * ```
 */
export function startLogin(options: LoginOptions): void;

/**
 * Takes the token on the page that Clover returns to. Call it before a router starts: it erases the answer from the
 * address bar and the session history first, whatever it then finds, keeps `history.state` and the page's own query
 * and hash route, and gives the same result however often one page load calls it.
 *
 * @returns `null` if this page is no return from Clover
 * @throws {TillgateError} `state_missing`, `state_mismatch`, `client_mismatch`, `access_denied`, `malformed`,
 *   `wasm_blocked`
 *
 * @example
 * ```js
 * const login = completeLogin();
 * if (login) {
 *   const headers = { Authorization: `Bearer ${login.accessToken}` };
 *   // … call Clover's REST API with them
 * }
 * ```
 */
export function completeLogin(options?: { clientId?: string }): Login | null;

/**
 * Logs in in a popup, so that the page that keeps the token is not the page that received it. The page at
 * `redirectUri`, on this page's origin, imports `tillgate/popup` and nothing else. Call it directly in a click handler.
 *
 * @throws {TypeError} an option is wrong; the message names it
 * @throws {TillgateError} every code
 *
 * @example
 * ```js
 * button.onclick = async () => {
 *   const login = await popupLogin({
 *     clientId: "YOUR_APP_ID",
 *     region: "eu",
 *     redirectUri: location.origin + "/popup.html",
 *   });
 * };
 * ```
 */
export function popupLogin(options: LoginOptions & { signal?: AbortSignal }): Promise<Login>;

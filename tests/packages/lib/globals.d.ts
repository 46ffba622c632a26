// What the pages of these projects put on their window.

interface Window {
  /** The merchant who is logged in with this token. */
  loggedIn?: (token: string) => string | false;
}

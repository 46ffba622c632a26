// What the pages of these tests put on their window.

interface Window {
  tillgate: typeof import("../../pkg-js/index.d.ts");
  startLogin?: typeof import("../../pkg-js/index.d.ts").startLogin;
  holds: (token: string) => boolean;
  forget: () => void;
  abort: () => void;
  result: Promise<string>;
  openPopup: (options: import("../../pkg-js/index.d.ts").LoginOptions) => Promise<void>;
  ready: boolean;
  restored: boolean;
}

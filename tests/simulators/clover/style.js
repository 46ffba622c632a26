// The look of the Clover simulator's pages: one sheet, light and dark, wide and narrow.

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f3f5f1, #12160f);
  --card: light-dark(#ffffff, #1b2117);
  --ink: light-dark(#1b2118, #eef2ea);
  --quiet: light-dark(#596253, #a3ae9b);
  --line: light-dark(#dce1d7, #333c2d);
  --accent: light-dark(#1f7a1f, #7ed67a);
  --on-accent: light-dark(#ffffff, #0d1a0c);
  --notice: light-dark(#fff4d1, #3a3010);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 24px 16px;
  display: flex; flex-direction: column; align-items: center; justify-content: center;
  background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif;
}
main {
  width: 100%; max-width: 440px; padding: 28px; background: var(--card);
  border: 1px solid var(--line); border-radius: 16px;
  box-shadow: 0 12px 32px rgb(0 0 0 / 8%);
}
main.wide { max-width: 680px; }
.brand { display: flex; align-items: center; gap: 10px; margin-bottom: 22px; font-weight: 650; }
.leaf {
  width: 26px; height: 26px; flex: none; display: grid;
  grid-template-columns: 1fr 1fr; gap: 2px;
}
.leaf i { background: var(--accent); border-radius: 50% 50% 2px 50%; }
.leaf i:nth-child(2) { border-radius: 50% 50% 50% 2px; }
.leaf i:nth-child(3) { border-radius: 50% 2px 50% 50%; }
.leaf i:nth-child(4) { border-radius: 2px 50% 50% 50%; }
.tag {
  margin-left: auto; padding: 3px 10px; border-radius: 99px; white-space: nowrap;
  background: var(--notice); font-size: 12px; font-weight: 500;
}
h1 { margin: 0 0 6px; font-size: 23px; line-height: 1.25; letter-spacing: -0.01em; }
h2 { margin: 24px 0 8px; font-size: 13px; color: var(--quiet); font-weight: 600; }
p { margin: 0; color: var(--quiet); }
fieldset { margin: 24px 0 0; padding: 0; border: 0; }
legend { padding: 0; margin: 0 0 8px; font-size: 13px; color: var(--quiet); font-weight: 600; }
.choice {
  display: flex; gap: 12px; align-items: center; padding: 12px 14px; margin-bottom: 8px;
  border: 1px solid var(--line); border-radius: 12px; cursor: pointer;
}
.choice:has(:checked) { border-color: var(--accent); outline: 1px solid var(--accent); }
.choice:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.choice input { accent-color: var(--accent); margin: 0; width: 18px; height: 18px; flex: none; }
.choice span { min-width: 0; overflow-wrap: anywhere; }
.choice b { display: block; font-weight: 600; }
small { color: var(--quiet); font-size: 13px; }
ul { margin: 0; padding-left: 20px; }
li { margin: 4px 0; }
.actions { display: flex; gap: 10px; margin-top: 26px; }
button, .button {
  flex: 1; padding: 12px 16px; border-radius: 12px; border: 1px solid var(--line);
  background: transparent; color: var(--ink); font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; cursor: pointer;
}
button.main, .button.main {
  background: var(--accent); border-color: var(--accent); color: var(--on-accent);
}
button:hover, .button:hover { filter: brightness(1.07); }
button:focus-visible, .button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.fine { margin-top: 18px; font-size: 13px; overflow-wrap: anywhere; }
.row {
  display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 12px 0;
  border-top: 1px solid var(--line);
}
.row span { flex: 1 1 220px; min-width: 0; overflow-wrap: anywhere; }
.row b, .row small { display: block; }
.row .button { flex: 0 0 auto; padding: 8px 16px; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
`;

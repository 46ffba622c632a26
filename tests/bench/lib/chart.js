// The outcome as a picture: for each job a bar for each contender, as a multiple of the floor. It follows the reader's
// light or dark setting, and its texts are texts.

/** @typedef {import("./report.js").Results} Results */

const WIDTH = 720;
const LABEL = 210;
const BAR = 16;
const STEP = 22;
const HEAD = 34;
const MOST = 2.5;
const SCALE = (WIDTH - LABEL - 60) / MOST;

const STYLE = `
  :root { color-scheme: light dark; }
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 13px; }
  .muted { fill: #57606a; }
  .bar { fill: #a8b1bb; } .own { fill: #1f6feb; }
  .floor { stroke: #57606a; stroke-dasharray: 3 3; } .spread { stroke: #24292f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .muted { fill: #9198a1; }
    .bar { fill: #5a636e; } .own { fill: #4493f8; }
    .floor { stroke: #9198a1; } .spread { stroke: #e6edf3; }
  }
`;

/** @param {string} text */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** @param {number} ratio */
const at = (ratio) => LABEL + Math.min(ratio, MOST) * SCALE;

/**
 * @param {{ title: string, own: boolean, ratio: number, spread: [number, number] }} bar
 * @param {number} y
 */
function drawBar({ title, own, ratio, spread: [low, high] }, y) {
  const middle = y + BAR / 2;
  const length = at(ratio) - LABEL;
  const more = ratio > MOST ? " →" : "";
  const whisker =
    ratio > MOST
      ? ""
      : `<line class="spread" x1="${at(low).toFixed(1)}" x2="${at(high).toFixed(1)}" y1="${middle}" y2="${middle}"/>`;
  return [
    `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escaped(title)}</text>`,
    `<rect class="bar${own ? " own" : ""}" x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`,
    whisker,
    `<text class="muted" x="${(Math.max(at(ratio), at(high)) + 6).toFixed(1)}" y="${middle + 4}">${ratio.toFixed(2)}${more}</text>`,
  ].join("\n");
}

/** @param {Results} results @param {string} own the contender that is set off */
export function chart({ contenders, jobs }, own) {
  let y = 8;
  const groups = jobs.map(({ title, summaries }) => {
    const top = y + HEAD - 12;
    const heading = `<text class="title" x="8" y="${y + 16}">${escaped(title)}</text>`;
    y += HEAD;
    const bars = contenders.flatMap(({ name, title }) => {
      const summary = summaries[name];
      if (summary === undefined) return [];
      const { ratio, spread } = summary;
      const drawn = drawBar({ title, own: name === own, ratio, spread }, y);
      y += STEP;
      return [drawn];
    });
    const floor = `<line class="floor" x1="${at(1).toFixed(1)}" x2="${at(1).toFixed(1)}" y1="${top}" y2="${y}"/>`;
    return [heading, ...bars, floor].join("\n");
  });
  const caption =
    "Processor time of workerd for a request; bare JavaScript that checks nothing is 1. Lines: quartiles.";
  y += 20;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 8}" role="img" aria-label="${escaped(caption)}">
<style>${STYLE}</style>
${groups.join("\n")}
<text class="muted" x="8" y="${y}">${escaped(caption)}</text>
</svg>
`;
}

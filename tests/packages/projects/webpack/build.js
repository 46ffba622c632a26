// webpack without its command line tool.

import webpack from "webpack";

const config = {
  mode: "production",
  context: import.meta.dirname,
  entry: { main: "./main.js", popup: "./popup.js" },
  output: { path: `${import.meta.dirname}/dist` },
};

webpack(config, (error, stats) => {
  if (error || stats?.hasErrors() || stats?.hasWarnings()) {
    console.error(error ?? stats?.toString());
    process.exitCode = 1;
  }
});

import resolve from "@rollup/plugin-node-resolve";

export default {
  input: ["main.js", "popup.js"],
  output: { dir: "dist" },
  plugins: [resolve({ browser: true })],
  onwarn(warning) {
    throw new Error(warning.message);
  },
};

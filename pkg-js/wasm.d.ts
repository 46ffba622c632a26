// For this repository's type checks only: how a Worker's bundler hands over a `.wasm` file.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

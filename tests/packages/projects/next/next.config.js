// Both bundlers build the same project, each into a folder of its own.

export default {
  distDir: process.env.BUILD_FOLDER,
  turbopack: { root: process.env.WORKSPACE },
  outputFileTracingRoot: process.env.WORKSPACE,
};

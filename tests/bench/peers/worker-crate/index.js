// Starts the module of the crate `worker` and hands requests to it, as the crate's own build tool does.

import { fetch, initSync } from "./dist/worker_crate.js";
import module from "./dist/worker_crate_bg.wasm";

initSync({ module });

export default { fetch };

// Next runs this on every page before its router starts, which would otherwise put the token back into the address.

import "./app/returned.js";

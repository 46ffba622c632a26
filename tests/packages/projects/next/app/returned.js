// What a page came back from Clover with. On the server there is no page; the popup's page hands its answer on instead.

import { completeLogin } from "tillgate";

const isPopup = globalThis.location?.pathname === "/popup";

export const login = isPopup ? null : completeLogin();

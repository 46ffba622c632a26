// The page's beginning. The first import comes first for a reason: see arrival.js.

import { arrival } from "./arrival.js";
import { startLoyalty } from "./panels/loyalty.js";
import { startMenu } from "./panels/menu.js";
import { startOrders } from "./panels/orders.js";
import { startPocket } from "./panels/pocket.js";

startPocket(arrival);
startMenu();
startLoyalty();
startOrders();

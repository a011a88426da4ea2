// The dashboard: every status that comes is shown by each part of the page.

import { showLetters } from "./letters.js";
import { follow } from "./live.js";
import { showOverview } from "./overview.js";
import { showPartitions } from "./partitions.js";
import "./receipts.js";

follow((status) => {
  const now = Date.now() / 1000;
  showOverview(status, now);
  showPartitions(status, now);
  showLetters(status);
});

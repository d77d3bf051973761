/** Opens the history of imports, or one of them. */

import { openBatch } from "./batch.js";
import { fill, trouble } from "./dom.js";
import { openHistory } from "./history.js";
import { page } from "./words.js";

const root = document.getElementById("desk");
const opened = page.batch === null ? openHistory(root) : openBatch(root, page.batch);
opened.catch((error) => fill(root, trouble(error.message)));

import { DUPLEX } from "./duplex.ts";

/** A process of its own for heap.ts: a duplex call that is warm, and then ten minutes of it between two marks. */
const WARM_UP_SECONDS = 120;
const SECONDS = 600;

const workOnSecond = DUPLEX.prepare();
for (let second = 0; second < WARM_UP_SECONDS; second++) workOnSecond();
Bun.gc(true);
console.error("begin");
for (let second = 0; second < SECONDS; second++) workOnSecond();
console.error("end");
Bun.gc(true);

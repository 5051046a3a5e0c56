import type { Target } from "./attack.ts";
import { findAttack } from "./attacks.ts";

/** Arguments: the attack's name, what it attacks as JSON, and how many milliseconds to go on. A process of its own, like an attacker's. */
const [name = "", target = "{}", forMs = "0"] = process.argv.slice(2);
await findAttack(name)(JSON.parse(target) as Target, performance.now() + Number(forMs));
process.exit();

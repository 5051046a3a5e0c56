import { ATTACKS, type Ports } from "./attacks.ts";

/** Arguments: the attack's name, the ports as JSON, and how many milliseconds to go on. A process of its own, like an attacker's. */
const [name = "", ports = "{}", forMs = "0"] = process.argv.slice(2);
const attack = ATTACKS[name];
if (attack === undefined) throw new Error(`there is no attack "${name}"`);
await attack(JSON.parse(ports) as Ports, performance.now() + Number(forMs));
process.exit();

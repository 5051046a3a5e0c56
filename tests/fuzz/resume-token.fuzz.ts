import { AppError } from "../../src/errors.ts";
import { ResumeTokens } from "../../src/users/resume-tokens.ts";
import type { FuzzTarget } from "./fuzz.ts";

const tokens = new ResumeTokens({
  key: new Uint8Array(32).fill(7),
  lifeMs: 3_600_000,
  clock: { wallMs: () => 1_800_000_000_000 },
});
const user = { name: "lihao", secret: "1234", enabled: true };
const other = { name: "nway", secret: "1234", enabled: true };
const good = tokens.make(user);
const decoder = new TextDecoder("latin1");

/** Only the very token is one, and of nobody else. */
export const target: FuzzTarget = {
  name: "resume-token",
  seeds: [good, tokens.make(other), "nwxt1.zzzzzzzzz.x", "1234"].map((text) =>
    new TextEncoder().encode(text),
  ),
  run(input) {
    const text = decoder.decode(input);
    if (tokens.holds(text, user) !== (text === good)) throw new Error(`took ${text}`);
    if (tokens.holds(text, undefined)) throw new Error("took it for nobody");
    if (!tokens.isToken(text)) throw new AppError("peer", "test.no-token");
  },
};

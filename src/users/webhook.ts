import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { AppError, errorCodeOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { BriefAnswers } from "./brief-answers.ts";
import { type Directory, type User, unavailable } from "./directory.ts";
import { FairQueue } from "./fair-queue.ts";
import { type Row, readUser } from "./user-row.ts";

export type WebhookOptions = {
  readonly url: string;
  /** Signs each request. */
  readonly secret: string;
  readonly clock: Pick<Clock, "nowMs" | "wallMs" | "after">;
  readonly log: Logger;
};

type Login = { readonly user: string; readonly password: string; readonly address: string };
type Question = ({ readonly action: "login" } & Login) | { readonly action: "lookup"; readonly user: string };

const ANSWER_MS = 2_000;
/** So long everybody is refused at once after a failure. */
const REST_MS = 1_000;
const FRESH_MS = 5_000;
const MAX_ANSWER_BYTES = 65_536;
const QUEUE_LIMITS = { atOnce: 16, perKey: 64, inAll: 512 };
const REFUSALS = new Set([401, 403, 404]);
const LOOKUPS = "lookups";

/** The operator's own service, which says who a user is and who may log in: `[auth] url`. */
export class Webhook implements Directory {
  readonly #options: WebhookOptions;
  readonly #answers: BriefAnswers<User | undefined>;
  readonly #queue = new FairQueue(QUEUE_LIMITS);
  /** Keeps passwords out of the memory of answers. */
  readonly #key = randomBytes(32);
  #problem: string | undefined;
  #failedAtMs = 0;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#answers = new BriefAnswers(FRESH_MS, options.clock);
  }

  /** Why nobody can be asked about at present; undefined while it works. */
  get problem(): string | undefined {
    return this.#problem;
  }

  find(user: string): Promise<User | undefined> {
    return this.#ask(LOOKUPS, { action: "lookup", user });
  }

  /** The user, if it may log in with this password. Rejects with `users.unavailable` while nobody can say. */
  logIn({ user, password, address }: Login, network: string): Promise<User | undefined> {
    return this.#ask(network, { action: "login", user, password, address });
  }

  #ask(key: string, question: Question): Promise<User | undefined> {
    const body = JSON.stringify(question);
    const mark = createHmac("sha256", this.#key).update(body).digest("base64url");
    return this.#answers.recall(mark, async () => {
      const answer = this.#queue.run(key, () => this.#post(question.user, body));
      if (answer === undefined) throw unavailable("too many wait for the login service");
      return await answer;
    });
  }

  async #post(user: string, body: string): Promise<User | undefined> {
    const { clock, log } = this.#options;
    if (this.#problem !== undefined && clock.nowMs() - this.#failedAtMs < REST_MS)
      throw unavailable(this.#problem);
    const controller = new AbortController();
    const timer = clock.after(ANSWER_MS, () => controller.abort());
    try {
      const answer = readAnswer(user, await this.#fetch(body, controller.signal));
      if (this.#problem !== undefined) log.info("users.available");
      this.#problem = undefined;
      return answer;
    } catch (thrown) {
      throw this.#fail(
        controller.signal.aborted ? "the login service did not answer in 2 s" : explain(thrown),
      );
    } finally {
      timer.cancel();
    }
  }

  /** Undefined for a refusal by its status. */
  async #fetch(body: string, signal: AbortSignal): Promise<string | undefined> {
    const { url, secret, clock } = this.#options;
    const timestamp = String(Math.floor(clock.wallMs() / 1000));
    const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
    const headers = {
      "Content-Type": "application/json",
      "X-Nway-Timestamp": timestamp,
      "X-Nway-Signature": `sha256=${signature}`,
    };
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    if (response.status === 200) return await readText(response);
    await response.body?.cancel();
    if (REFUSALS.has(response.status)) return undefined;
    throw new AppError("environment", "users.odd-answer", { status: response.status });
  }

  #fail(why: string): AppError {
    const { clock, log } = this.#options;
    if (this.#problem !== why) log.error("users.unavailable", { why });
    this.#problem = why;
    this.#failedAtMs = clock.nowMs();
    return unavailable(why);
  }
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of body ?? []) {
    byteCount += chunk.length;
    if (byteCount > MAX_ANSWER_BYTES)
      throw new AppError("environment", "users.odd-answer", { limit: MAX_ANSWER_BYTES });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** `{"allow":true}`, perhaps with the columns of a user's row beside it. */
function readAnswer(user: string, text: string | undefined): User | undefined {
  if (text === undefined) return undefined;
  const answer = parse(text);
  if (typeof answer.allow !== "boolean")
    throw new AppError("environment", "users.odd-answer", { lacks: "allow" });
  return answer.allow ? readUser({ ...answer, user_name: user, password: undefined }) : undefined;
}

function parse(text: string): Row {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null) return { ...answer };
  } catch {
    // Told below: no JSON is no object either.
  }
  throw new AppError("environment", "users.odd-answer", { lacks: "a JSON object" });
}

/** Never what it was sent. */
function explain(thrown: unknown): string {
  if (thrown instanceof AppError) return `login service: ${thrown.message}`;
  return `login service: ${errorCodeOf(thrown) ?? "no connection"}`;
}

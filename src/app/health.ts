import type { CallRecorder } from "../records/call-recorder.ts";
import type { HealthProblem } from "../servers/http/views.ts";
import type { LoadGuard } from "./load-guard.ts";
import type { Telephone } from "./telephone.ts";
import type { Users } from "./users.ts";

export type HealthParts = {
  readonly telephone: Pick<Telephone, "freeswitch">;
  readonly recorder: Pick<CallRecorder, "isFailing"> | undefined;
  readonly users: Pick<Users, "problem">;
  readonly load: Pick<LoadGuard, "isOverloaded">;
};

/** What does not work at present, though it is set up; empty while all of it works. */
export function findProblems({ telephone, recorder, users, load }: HealthParts): HealthProblem[] {
  const away = telephone.freeswitch?.problem;
  const problems: HealthProblem[] = [];
  if (away !== undefined)
    problems.push({
      part: "freeswitch",
      reason: `no link to FreeSWITCH (${away}): no telephone can be called`,
    });
  if (recorder?.isFailing === true)
    problems.push({
      part: "records",
      reason: "records cannot be written: see records.write-failed in the log",
    });
  if (users.problem !== undefined)
    problems.push({
      part: "directory",
      reason: `users cannot be looked up (${users.problem}): nobody new can register`,
    });
  if (load.isOverloaded)
    problems.push({ part: "load", reason: "this machine carries no more calls: new ones are refused" });
  return problems;
}

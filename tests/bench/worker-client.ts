import type { WorkerCalls, WorkerReply, WorkerRequest } from "./worker.ts";

type Method = keyof WorkerCalls;
type Result<M extends Method> = Awaited<ReturnType<WorkerCalls[M]>>;

export interface Worker extends AsyncDisposable {
  readonly pid: number;
  call<M extends Method>(method: M, ...params: Parameters<WorkerCalls[M]>): Promise<Result<M>>;
}

/** Starts a process of the load generator; `prefix` puts another program in its own place. */
export function startWorker(prefix: readonly string[] = []): Worker {
  const waiting = new Map<number, (reply: WorkerReply) => void>();
  let lastId = 0;
  const child = Bun.spawn([...prefix, process.execPath, `${import.meta.dir}/worker.ts`], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc(reply: WorkerReply) {
      waiting.get(reply.id)?.(reply);
      waiting.delete(reply.id);
    },
    onExit(_child, code) {
      for (const [id, resolve] of waiting) resolve({ id, error: `the load generator exited with ${code}` });
    },
  });
  async function call<M extends Method>(
    method: M,
    ...params: Parameters<WorkerCalls[M]>
  ): Promise<Result<M>> {
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers<WorkerReply>();
    waiting.set(id, resolve);
    child.send({ id, method, params } satisfies WorkerRequest);
    const { error, result } = await promise;
    if (error !== undefined) throw new Error(`${method}: ${error}`);
    // The other end of the pipe is typed by the same WorkerCalls.
    return result as Result<M>;
  }
  return {
    pid: child.pid,
    call,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

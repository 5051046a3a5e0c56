/** The part of npm's `esl` that is used here; the package's own types stand where TypeScript does not look for them. */
declare module "esl" {
  /** What it asks of a net.Socket. */
  export interface EslSocket {
    setKeepAlive(enable: boolean): unknown;
    setNoDelay(enable: boolean): unknown;
    on(event: string, listener: (...parameters: unknown[]) => void): unknown;
    once(event: string, listener: (...parameters: unknown[]) => void): unknown;
    emit(event: string, argument?: unknown): unknown;
    write(text: string, encoding: "utf8"): boolean;
    end(): unknown;
  }

  export interface EslLogger {
    debug(message: string, data?: unknown): void;
    info(message: string, data?: unknown): void;
    error(message: string, data?: unknown): void;
  }

  export type EslMessage = { readonly headers: Record<string, unknown>; readonly body: unknown };

  export class FreeSwitchResponse {
    constructor(socket: EslSocket, logger: EslLogger);
    on(event: string, listener: (message: EslMessage) => void): this;
    write(command: string, headers: Readonly<Record<string, string>>): Promise<null>;
    waitAsync(event: string, timeoutMs: number | undefined, comment: string): Promise<unknown>;
  }
}

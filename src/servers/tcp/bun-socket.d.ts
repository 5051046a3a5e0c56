import "bun";

declare module "bun" {
  /** Bun has it; its types do not. */
  interface Socket<Data = undefined> {
    readonly fd: number;
  }
  interface TCPSocketListener<Data = unknown> {
    readonly fd: number;
  }
}

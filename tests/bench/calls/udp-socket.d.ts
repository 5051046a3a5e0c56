import "bun";

declare module "bun" {
  namespace udp {
    /** Bun has it; its types do not. */
    interface BaseUDPSocket {
      readonly fd: number;
    }
  }
}

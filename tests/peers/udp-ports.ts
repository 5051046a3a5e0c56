/** Whether a program listens on this UDP port. */
export async function isBound(port: number): Promise<boolean> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const table = await Bun.file("/proc/net/udp").text();
  return table.split("\n").some((line) => line.trim().split(/\s+/)[1]?.endsWith(local));
}

const TABLE = "nway_wx_bench";

/** Whether this process may add drop rules: root, and Debian's nftables. */
export function canCutNetwork(): boolean {
  if (process.getuid?.() !== 0 || Bun.which("nft") === null) return false;
  return Bun.spawnSync(["nft", "list", "tables"], { stdout: "ignore", stderr: "ignore" }).success;
}

/**
 * Loses every packet from and to these local TCP ports until the result is called. On the input hook, because a
 * sender whose packet is dropped on output is told and tries again at once.
 */
export function cutNetwork(ports: readonly number[]): () => void {
  const set = ports.join(", ");
  run([
    `add table inet ${TABLE}`,
    `flush table inet ${TABLE}`,
    `add chain inet ${TABLE} input { type filter hook input priority 0; }`,
    `add rule inet ${TABLE} input tcp sport { ${set} } drop`,
    `add rule inet ${TABLE} input tcp dport { ${set} } drop`,
  ]);
  return () => run([`delete table inet ${TABLE}`]);
}

function run(commands: readonly string[]): void {
  const { success, stderr } = Bun.spawnSync(["nft", "-f", "-"], {
    stdin: Buffer.from(`${commands.join("\n")}\n`),
  });
  if (!success) throw new Error(`nft: ${stderr}`);
}

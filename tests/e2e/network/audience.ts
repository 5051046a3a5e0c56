import type { Gateway } from "../../peers/gateway.ts";
import { percentile } from "./after-pause.ts";
import { type ClientNetwork, createClientNetwork, type Distance } from "./client-network.ts";
import { type DistantPlayer, type PlayerProgram, startDistantPlayer } from "./distant-player.ts";
import { KEY, passTime, residentBytes, startBystander, startOpenGateway, urlsFrom } from "./laboratory.ts";
import { publishStamped } from "./stamped-frames.ts";

const WARM_UP_MS = 3000;

export type Protocol = keyof ReturnType<typeof urlsFrom>;

/** Players in a network of their own, and a bystander over loopback, of one stream of a gateway. */
export interface Audience extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly network: ClientNetwork;
  readonly players: readonly { readonly player: DistantPlayer; readonly protocol: Protocol }[];
  /** What the gateway's memory grew by since all had played for a while. */
  growthBytes(): number;
  /**
   * How much older the bystander's frames are, in the 99th percentile since then, than those of a bystander of another
   * gateway that nobody troubles: what the machine itself is late counts for both.
   */
  bystanderDelayMs(): number;
}

/** All have played for a while. */
export async function startAudience(
  programs: readonly (readonly [PlayerProgram, Protocol])[],
  distance?: Distance,
): Promise<Audience> {
  await using stack = new AsyncDisposableStack();
  const gateway = stack.use(await startOpenGateway());
  const network = stack.use(await createClientNetwork(distance));
  stack.use(await publishStamped(gateway.ports.rtmp, KEY));
  const bystander = stack.use(await startBystander(gateway));
  const quiet = stack.use(await startOpenGateway());
  stack.use(await publishStamped(quiet.ports.rtmp, KEY));
  const quietBystander = stack.use(await startBystander(quiet));
  const urls = urlsFrom(network, gateway);
  const players = await Promise.all(
    programs.map(async ([program, protocol]) => ({
      protocol,
      player: stack.use(await startDistantPlayer(network, program, urls[protocol])),
    })),
  );
  await passTime(WARM_UP_MS);
  const bytesBefore = residentBytes(gateway.pid);
  const measured = [bystander, quietBystander].map(({ agesMs }) => ({ agesMs, from: agesMs.length }));
  const owned = stack.move();
  return {
    gateway,
    network,
    players,
    growthBytes: () => residentBytes(gateway.pid) - bytesBefore,
    bystanderDelayMs() {
      const [troubled = Number.NaN, untroubled = Number.NaN] = measured.map(({ agesMs, from }) =>
        percentile(agesMs.slice(from), 0.99),
      );
      return troubled - untroubled;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

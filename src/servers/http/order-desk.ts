import type { Call } from "../../calls/call.ts";
import { plainReach } from "../../calls/stream-urls.ts";
import { type OrderRefusal, refuseOrder, type TelephoneOrder } from "../../calls/telephone-order.ts";
import type { CallDesk, CallOrder, OrderedCall } from "./call-order.ts";
import type { ClipFolder } from "./clip-folder.ts";
import { viewCall } from "./view-of.ts";

/** What the desk needs of the calls. */
export type OrderTaker = {
  order(order: TelephoneOrder, hosts: readonly string[]): Call | OrderRefusal;
  end(callId: string): boolean;
};

/** Takes what the API orders to the calls. */
export class OrderDesk implements CallDesk {
  constructor(
    readonly calls: OrderTaker,
    /** Undefined: the clips that orders name are not ours to play. */
    readonly clips: Pick<ClipFolder, "read"> | undefined,
    /** The names and addresses of this machine, the best to be reached by first. */
    readonly listHosts: () => readonly string[],
  ) {}

  async place(order: CallOrder): Promise<OrderedCall | OrderRefusal> {
    const { welcome_wav, welcome_h264, realm } = order;
    const clip = welcome_wav === undefined ? undefined : await this.clips?.read(welcome_wav);
    if (clip !== undefined && "problem" in clip) return refuseOrder("unfit", "NO_SUCH_CLIP", clip.problem);
    const hosts = this.listHosts();
    const outcome = this.calls.order(
      {
        callId: order.uuid,
        callerName: order.caller_name,
        number: order.destination_number,
        gateway: order.gateway,
        clip: clip?.clip,
        pushUrl: order.push_url,
        pullUrl: order.pull_url,
        vendor: { welcome_wav, welcome_h264, realm },
      },
      hosts,
    );
    if ("reason" in outcome) return outcome;
    const urls = outcome.streams.urlsFor("caller", plainReach(hosts[0] ?? "localhost"));
    return { ...viewCall(outcome.snapshot()), pushUrl: urls.caller_url, pullUrl: urls.callee_url };
  }

  end(callId: string): boolean {
    return this.calls.end(callId);
  }
}

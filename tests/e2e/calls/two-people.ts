import { SignalingClient, type SignalingClientOptions } from "../../../src/probe/signaling-client.ts";
import type { RequestData } from "../../../src/protocols/signaling/message.ts";
import type { Gateway } from "../../peers/gateway.ts";

export const PASSWORD = "1234";

/** One side of a call: what it pushes to and what it pulls from; empty where `media_attribute` forbids it. */
type Side = { readonly client: SignalingClient; readonly push: string; readonly pull: string };

export interface TwoPeople extends AsyncDisposable {
  readonly sessionid: string;
  /** lihao, who calls. */
  readonly caller: Side;
  /** nway, who answered. */
  readonly callee: Side;
  /** From the invite sent until the callee had it. */
  readonly setUpMs: number;
}

export async function register(
  gateway: { readonly urls: Pick<Gateway["urls"], "signaling"> },
  user: string,
  options: Partial<SignalingClientOptions> = {},
): Promise<SignalingClient> {
  const client = await SignalingClient.connect({ url: gateway.urls.signaling, user, ...options });
  const { data } = await client.register(PASSWORD);
  if (data.code !== "200ok") throw new Error(`register: ${data.code} ${data.msg}`);
  return client;
}

/** lihao calls nway, who answers. Disposing closes both sockets. */
export async function startCall(
  gateway: Gateway,
  data: RequestData = {},
  lihaoIs: Partial<SignalingClientOptions> = {},
): Promise<TwoPeople> {
  await using stack = new AsyncDisposableStack();
  const lihao = stack.use(await register(gateway, "lihao", lihaoIs));
  const nway = stack.use(await register(gateway, "nway"));
  const call = await connectCall(lihao, nway, data);
  const open = stack.move();
  return { ...call, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** Invites, answers and waits until the caller knows. */
export async function connectCall(
  lihao: SignalingClient,
  nway: SignalingClient,
  data: RequestData = {},
  calleeNumber = "nway",
): Promise<Omit<TwoPeople, typeof Symbol.asyncDispose>> {
  const invitedMs = performance.now();
  const arrival = nway.nextRequest("invite").then(({ data }) => ({ data, atMs: performance.now() }));
  const { sessionid, response } = await lihao.invite(calleeNumber, data);
  if (response.data.code !== "200ok") throw new Error(`invite: ${response.data.code} ${response.data.msg}`);
  const invite = await arrival;
  await nway.answer(sessionid);
  await lihao.nextRequest("answer", sessionid);
  const { caller_url = "", callee_url = "" } = response.data;
  return {
    sessionid,
    caller: { client: lihao, push: caller_url, pull: callee_url },
    callee: { client: nway, push: invite.data.callee_url ?? "", pull: invite.data.caller_url ?? "" },
    setUpMs: invite.atMs - invitedMs,
  };
}

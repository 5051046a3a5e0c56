import { SignalingClient } from "../../src/probe/signaling-client.ts";
import { PASSWORD } from "../e2e/calls/two-people.ts";
import { USERS } from "./attack.ts";

/** Registers at the URL, says so, stays, and says when it is not registered any more. */
const client = await SignalingClient.connect({ url: process.argv[2] ?? "", user: USERS.victim });
const { data } = await client.register(PASSWORD);
console.log(data.code === "200ok" ? "registered" : `refused: ${data.code}`);
const { code, reason } = await client.closed;
console.log(`closed: ${code} ${reason}`);

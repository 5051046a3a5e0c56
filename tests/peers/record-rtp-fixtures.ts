import { resolve } from "node:path";
import { startProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

// Records the RTP and RTCP datagrams of tests/fixtures/rtp anew: `bun tests/peers/record-rtp-fixtures.ts [NAME…]`.
// NAME.bin holds each datagram behind its length in two bytes.

const FOLDER = resolve(import.meta.dir, "../fixtures/rtp");
const FFMPEG = "ffmpeg -hide_banner -loglevel error -nostdin -re -f lavfi";
const NARROW = "-i sine=f=440:r=8000:d=7:samples_per_frame=160 -c:a pcm_alaw";
const WIDE = "-i sine=f=440:r=16000:d=7:samples_per_frame=320 -c:a pcm_s16be";
/** Three to begin, three to end, and what lies between. */
const MIN_PACKETS_A_DIGIT = 6;
const GST = "gst-launch-1.0 -q";
const GST_TONE =
  "audiotestsrc is-live=true samplesperbuffer=160 num-buffers=300 ! audio/x-raw,rate=8000,channels=1";

type Ports = { readonly rtp: number; readonly rtcp: number };
type Scenario = {
  readonly count: number;
  readonly command: (ports: Ports) => string;
  readonly of: "rtp" | "rtcp";
  /** Keep all that the peer sends until its end, which is at least `count`. */
  readonly isWhole?: boolean;
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "ffmpeg-pcma": {
    of: "rtp",
    count: 24,
    command: ({ rtp, rtcp }) =>
      `${FFMPEG} ${NARROW} -f rtp rtp://127.0.0.1:${rtp}?rtcpport=${rtcp}&pkt_size=172`,
  },
  "ffmpeg-l16": {
    of: "rtp",
    count: 4,
    command: ({ rtp, rtcp }) =>
      `${FFMPEG} ${WIDE} -f rtp rtp://127.0.0.1:${rtp}?rtcpport=${rtcp}&pkt_size=652`,
  },
  "ffmpeg-rtcp": {
    of: "rtcp",
    count: 2,
    command: ({ rtp, rtcp }) => `${FFMPEG} ${NARROW} -f rtp rtp://127.0.0.1:${rtp}?rtcpport=${rtcp}`,
  },
  "gstreamer-pcma-extension": {
    of: "rtp",
    count: 8,
    command: ({ rtp }) =>
      `${GST} ${GST_TONE} ! alawenc ! rtppcmapay ! rtponviftimestamp ntp-offset=0 ! udpsink host=127.0.0.1 port=${rtp}`,
  },
  "gstreamer-digits": {
    of: "rtp",
    count: 3 * MIN_PACKETS_A_DIGIT,
    isWhole: true,
    command: ({ rtp }) => `/usr/bin/python3 ${import.meta.dir}/gstreamer-digits.py ${rtp} 5*D`,
  },
  "gstreamer-rtcp": {
    of: "rtcp",
    count: 2,
    isWhole: true,
    command: ({ rtcp }) =>
      `${GST} rtpbin name=bin ${GST_TONE} ! alawenc ! rtppcmapay ! bin.send_rtp_sink_0 ` +
      `bin.send_rtp_src_0 ! fakesink ` +
      `bin.send_rtcp_src_0 ! udpsink host=127.0.0.1 port=${rtcp} sync=false async=false`,
  },
};

const wanted = process.argv.slice(2);
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const datagrams = await record(scenario);
  await Bun.write(`${FOLDER}/${name}.bin`, join(datagrams));
  console.log(`${name}: ${datagrams.length} datagrams`);
}

async function record({ of, count, command, isWhole = false }: Scenario): Promise<Uint8Array[]> {
  const kept: Uint8Array[] = [];
  const other: Uint8Array[] = [];
  const rtp = await listen(of === "rtp" ? kept : other);
  const rtcp = await listen(of === "rtcp" ? kept : other);
  try {
    await using peer = startProcess(command({ rtp: rtp.port, rtcp: rtcp.port }).split(" "));
    await waitFor(`${count} datagrams: ${peer.output()}`, () => kept.length >= count, 20_000);
    if (isWhole) await peer.waitForExit();
  } finally {
    rtp.close();
    rtcp.close();
  }
  return isWhole ? kept : kept.slice(0, count);
}

function listen(into: Uint8Array[]) {
  return Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (_socket, bytes) => void into.push(new Uint8Array(bytes)) },
  });
}

function join(datagrams: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    datagrams.flatMap((bytes) => [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]),
  );
}

import type { Bar } from "../bars.ts";
import { formatFigure, renderTable } from "../table.ts";
import { BENCHES as DECODER_BENCHES } from "./aac-decode.ts";
import { BENCHES as ENCODER_BENCHES } from "./aac-encode.ts";
import { DUPLEX, BENCHES as DUPLEX_BENCHES } from "./duplex.ts";
import { type HeapFigures, measureTenMinutes, TEN_MINUTES_PACKETS } from "./heap.ts";
import { type AudioBench, type AudioTiming, measureMicros } from "./measure.ts";
import { BENCHES as PCM_BENCHES } from "./pcm.ts";
import { BENCHES as PLAYOUT_BENCHES } from "./playout.ts";

type Group = { readonly title: string; readonly others?: string; readonly benches: readonly AudioBench[] };

/** The others' figures are of mono sound at 48 kHz on Bun 1.4.5; all but aac.js are C compiled to WebAssembly. */
const GROUPS: readonly Group[] = [
  {
    title: "AAC decoder",
    others: "FFmpeg 873, FAAD2 1,863, aac.js 8,286",
    benches: DECODER_BENCHES,
  },
  {
    title: "AAC encoder",
    others: "vo-aacenc 5,580, FFmpeg 10,500 to 62,800 depending on its build",
    benches: ENCODER_BENCHES,
  },
  { title: "G.711 and sample rates", benches: PCM_BENCHES },
  { title: "Playout", benches: PLAYOUT_BENCHES },
  { title: "Calls", benches: DUPLEX_BENCHES },
];
const MOST_BYTES_PER_PACKET = 10;

export type AudioResults = {
  readonly micros: ReadonlyMap<AudioBench, number>;
  readonly heap: HeapFigures;
};

export async function measureAudio(timing: AudioTiming): Promise<AudioResults> {
  const benches = GROUPS.flatMap((group) => group.benches);
  const micros = new Map(benches.map((bench) => [bench, measureMicros(bench, timing)]));
  return { micros, heap: await measureTenMinutes() };
}

export function renderAudio({ micros, heap }: AudioResults): string {
  const head = ["", "", "CPU µs", "at most"];
  const rows = [...micros].map(([{ name, limitMicros }, have]) => [
    `  ${name}`,
    "",
    formatFigure(have),
    limitMicros === undefined ? "" : formatFigure(limitMicros),
  ]);
  const [headLine, ...lines] = renderTable([head, ...rows]).split("\n");
  const groups = GROUPS.flatMap(({ title, others, benches }) => [
    `  ${title}${others === undefined ? "" : `; others: ${others}`}`,
    ...lines.splice(0, benches.length),
  ]);
  const callsPerCore = 1e6 / (micros.get(DUPLEX) ?? Number.NaN);
  return [
    headLine,
    ...groups,
    `\n  Duplex calls a core: ${callsPerCore.toFixed(0)}`,
    `  Allocated in ten minutes of one: ${heap.allocatedBytes} bytes, ${heap.collectionCount} collections`,
  ].join("\n");
}

export function listAudioBars({ micros, heap }: AudioResults): Bar[] {
  const speed = [...micros].flatMap(([{ name, limitMicros: limit }, have]) =>
    limit === undefined ? [] : [{ what: name, have, limit, unit: "CPU µs per second of sound" }],
  );
  return [
    ...speed,
    {
      what: "duplex call, allocated per packet",
      have: heap.allocatedBytes / TEN_MINUTES_PACKETS,
      limit: MOST_BYTES_PER_PACKET,
      unit: "bytes",
    },
  ];
}

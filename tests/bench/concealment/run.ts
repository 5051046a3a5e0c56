import type { Bar } from "../bars.ts";
import { renderTable } from "../table.ts";
import { codeSpeech, countPackets, type Listener, NAIVE, OURS, SAMPLE_RATE } from "./listeners.ts";
import { drawLosses, LOSS_MODELS, type LossModel } from "./losses.ts";
import { measureSpectralDistance } from "./spectral-distance.ts";
import { speakMinute } from "./speech.ts";
import { measureStoi } from "./stoi.ts";

const SEED = 1;

type Figures = { readonly stoi: number; readonly distanceDb: number };
export type ConcealmentResults = ReadonlyMap<LossModel, ReadonlyMap<Listener, Figures>>;

/** What is left of speech when packets are lost, beside what needs no thought. The same figures each time. */
export async function measureConcealment(): Promise<ConcealmentResults> {
  const speech = codeSpeech(await speakMinute(SAMPLE_RATE));
  return new Map(LOSS_MODELS.map((model) => [model, measureModel(speech, model)]));
}

function measureModel(speech: Float32Array, model: LossModel): ReadonlyMap<Listener, Figures> {
  const isLost = drawLosses(model, countPackets(speech), SEED);
  return new Map(
    [...OURS, ...NAIVE].map((listener) => {
      const heard = listener.hear(speech, isLost);
      const stoi = measureStoi(speech, heard, SAMPLE_RATE);
      return [listener, { stoi, distanceDb: measureSpectralDistance(speech, heard) }];
    }),
  );
}

export function renderConcealment(results: ConcealmentResults): string {
  const head = ["", "", ...[...OURS, ...NAIVE].map(({ name }) => name)];
  const rows = [...results].map(([{ name }, figures]) => [
    name,
    "",
    ...[...figures.values()].map(({ stoi, distanceDb }) => `${stoi.toFixed(4)} / ${distanceDb.toFixed(2)}`),
  ]);
  return renderTable([head, ...rows]);
}

/** Ours leaves out less of what is intelligible than each that needs no thought, at each loss. */
export function listConcealmentBars(results: ConcealmentResults): readonly Bar[] {
  return [...results].flatMap(([{ name: loss }, figures]) =>
    OURS.flatMap((ours) =>
      NAIVE.map((naive) => ({
        what: `${ours.name}, ${loss}: STOI that is lost`,
        have: toLostShare(figures.get(ours)),
        limit: toLostShare(figures.get(naive)),
        unit: "%",
        because: naive.name,
      })),
    ),
  );
}

function toLostShare(figures: Figures | undefined): number {
  return 100 * (1 - (figures?.stoi ?? Number.NaN));
}

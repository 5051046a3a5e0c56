import { seedRandom } from "../../codecs/pcm/signals.ts";

export type LossModel = {
  readonly name: string;
  /** 0 to 1, of the packets. */
  readonly share: number;
  /** Packets lost in a row, on the average. */
  readonly burst: number;
};

/** Losses by chance come in rows of 1 / (1 - share). */
const random = (percent: number): LossModel => ({
  name: `random ${percent} %`,
  share: percent / 100,
  burst: 1 / (1 - percent / 100),
});
const bursty = (percent: number): LossModel => ({
  name: `bursts ${percent} %`,
  share: percent / 100,
  burst: 3,
});

export const LOSS_MODELS: readonly LossModel[] = [...[1, 5, 10, 20].map(random), ...[5, 10, 20].map(bursty)];

/** Gilbert's model: a network that loses all or nothing and changes its mind by chance. True is lost; the first never is. */
export function drawLosses(
  { share, burst }: LossModel,
  packetCount: number,
  seed: number,
): readonly boolean[] {
  const chance = seedRandom(seed);
  const toGood = 1 / burst;
  const toBad = (toGood * share) / (1 - share);
  let isBad = false;
  return Array.from({ length: packetCount }, (_, packet) => {
    isBad = isBad ? chance() >= toGood : chance() < toBad;
    return isBad && packet > 0;
  });
}

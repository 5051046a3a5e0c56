import { Resampler } from "../../../src/codecs/pcm/resampler.ts";
import { decodeWav } from "../../../src/codecs/pcm/wav.ts";
import { runProcess } from "../../peers/process.ts";
import { pathOf } from "../../peers/programs.ts";

const LOUDEST = 0.5;

/** Men and women, in four languages, from slow to fast: something over a minute in all. */
const SPOKEN = [
  [
    "en-us",
    "150",
    "Please hold the line, she sells sea shells by the sea shore. Peter Piper picked a peck of pepper. The birch canoe slid on the smooth planks, and glue the sheet to the dark blue background.",
  ],
  [
    "en-gb+f3",
    "170",
    "It is easy to tell the depth of a well. These days a chicken leg is a rare dish. Rice is often served in round bowls. The juice of lemons makes fine punch. The box was thrown beside the parked truck.",
  ],
  [
    "de+m4",
    "140",
    "Guten Tag, bitte sprechen Sie nach dem Signalton. Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Die Sonne scheint, und morgen kommt der Bus um halb acht.",
  ],
  [
    "cmn",
    "150",
    "您好，欢迎致电客户服务中心，请稍候。今天下午三点有人来过，请您把门打开。快递已经放在楼下的柜子里，取件码是四七二九。",
  ],
  [
    "cmn+f2",
    "170",
    "喂，你听得见吗？我在路上，大概还要二十分钟才到。你先吃饭，不用等我，明天早上我们一起去医院看爷爷。",
  ],
  [
    "fr+f4",
    "160",
    "Bonjour, je voudrais parler au responsable du magasin. Le vif renard brun saute par dessus le chien paresseux, et la pluie tombe doucement sur les toits de la ville.",
  ],
] as const;

/** As a telephone takes it, 8 kHz. */
export async function speakMinute(sampleRate: number): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (const [voice, speed, text] of SPOKEN) {
    const { stdoutBytes } = await runProcess([
      pathOf("espeak-ng"),
      "--stdout",
      "-v",
      voice,
      "-s",
      speed,
      text,
    ]);
    const wav = decodeWav(stdoutBytes);
    parts.push(new Resampler(wav.sampleRate, sampleRate).process(wav.samples).slice());
  }
  const all = Float32Array.from(parts.flatMap((part) => [...part]));
  const loudest = all.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return all.map((sample) => (sample / loudest) * LOUDEST);
}

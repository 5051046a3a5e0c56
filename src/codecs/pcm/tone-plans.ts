/** A sine that sounds with others; the shares of a tone say how loud each is beside the others. */
type Sine = { readonly hz: number; readonly share: number };

export type Tone = {
  readonly sines: readonly Sine[];
  /** On, off, on, off …, again and again; empty: on without end. */
  readonly cadenceMs: readonly number[];
};

/** What a caller hears instead of a person. */
type CallTone = "ringback" | "busy" | "congestion";

/** ITU-T E.180 does not say how deep modulated tones are modulated; 0.9 is usual. */
const MODULATION_DEPTH = 0.9;

const ringTwice = [400, 200, 400, 2000];

/** By country, after ITU-T E.180 supplement 2 and, where it gives a range or nothing, what exchanges there send. */
export const TONE_PLANS = {
  au: plan(tone(add(413, 438), ringTwice), tone(add(425), [375, 375]), tone(add(425), [375, 375])),
  br: plan(tone(add(425), [1000, 4000]), tone(add(425), [250, 250]), tone(add(425), [250, 250, 750, 250])),
  cn: plan(tone(add(450), [1000, 4000]), tone(add(450), [350, 350]), tone(add(450), [700, 700])),
  de: plan(tone(add(425), [1000, 4000]), tone(add(425), [480, 480]), tone(add(425), [240, 240])),
  es: plan(
    tone(add(425), [1500, 3000]),
    tone(add(425), [200, 200]),
    tone(add(425), [200, 200, 200, 200, 200, 600]),
  ),
  fr: plan(tone(add(440), [1500, 3500]), tone(add(440), [500, 500]), tone(add(440), [250, 250])),
  hk: plan(
    tone(add(440, 480), [400, 200, 400, 3000]),
    tone(add(480, 620), [500, 500]),
    tone(add(480, 620), [250, 250]),
  ),
  in: plan(tone(modulate(400, 25), ringTwice), tone(add(400), [750, 750]), tone(add(400), [250, 250])),
  it: plan(tone(add(425), [1000, 4000]), tone(add(425), [500, 500]), tone(add(425), [200, 200])),
  jp: plan(tone(modulate(400, 16), [1000, 2000]), tone(add(400), [500, 500]), tone(add(400), [500, 500])),
  my: plan(tone(add(425), ringTwice), tone(add(425), [500, 500]), tone(add(425), [500, 500])),
  nl: plan(tone(add(425), [1000, 4000]), tone(add(425), [500, 500]), tone(add(425), [250, 250])),
  ru: plan(tone(add(425), [1000, 4000]), tone(add(425), [350, 350]), tone(add(425), [175, 175])),
  sg: plan(tone(modulate(425, 24), ringTwice), tone(add(425), [750, 750]), tone(add(425), [250, 250])),
  tw: plan(
    tone(add(440, 480), [1000, 2000]),
    tone(add(480, 620), [500, 500]),
    tone(add(480, 620), [250, 250]),
  ),
  uk: plan(tone(add(400, 450), ringTwice), tone(add(400), [375, 375]), tone(add(400), [400, 350, 225, 525])),
  us: plan(
    tone(add(440, 480), [2000, 4000]),
    tone(add(480, 620), [500, 500]),
    tone(add(480, 620), [250, 250]),
  ),
} satisfies Record<string, Readonly<Record<CallTone, Tone>>>;

export type TonePlan = keyof typeof TONE_PLANS;

/** The test tone of FreeSWITCH's extension 9197: 1,004 Hz, since 1,000 would hit the same few samples of 8 kHz again. */
export const MILLIWATT: Tone = tone(add(1004), []);

function plan(ringback: Tone, busy: Tone, congestion: Tone): Readonly<Record<CallTone, Tone>> {
  return { ringback, busy, congestion };
}

function tone(sines: readonly Sine[], cadenceMs: readonly number[]): Tone {
  return { sines, cadenceMs };
}

function add(...frequencies: readonly number[]): readonly Sine[] {
  return frequencies.map((hz) => ({ hz, share: 1 }));
}

/** A tone whose amplitude swings: the same as three tones. */
function modulate(hz: number, byHz: number): readonly Sine[] {
  const side = MODULATION_DEPTH / 2;
  return [
    { hz, share: 1 },
    { hz: hz - byHz, share: side },
    { hz: hz + byHz, share: side },
  ];
}

import type { BitReader } from "../../bytes/bit-reader.ts";

/** How many channels program_config_element declares, ISO/IEC 14496-3 4.4.1.1; without low-frequency ones. */
export function readProgramConfig(reader: BitReader): number {
  reader.skip(4 + 2 + 4);
  const speakerElementCount = reader.read(4) + reader.read(4) + reader.read(4);
  const lowFrequencyCount = reader.read(2);
  const dataCount = reader.read(3);
  const couplingCount = reader.read(4);
  if (reader.readFlag()) reader.skip(4);
  if (reader.readFlag()) reader.skip(4);
  if (reader.readFlag()) reader.skip(3);
  let channelCount = 0;
  for (let i = 0; i < speakerElementCount; i++) {
    channelCount += reader.readFlag() ? 2 : 1;
    reader.skip(4);
  }
  reader.skip(4 * lowFrequencyCount + 4 * dataCount + 5 * couplingCount);
  reader.align();
  reader.skip(8 * reader.read(8));
  reader.checkOverrun();
  return channelCount;
}

import { tagToFrame } from "../../media/body/tag-frame.ts";
import type { Publication } from "../../media/publication.ts";
import { FlvDecoder } from "../../protocols/flv/flv-decoder.ts";
import type { Tag } from "../../protocols/flv/tag.ts";

/** Feeds a stream from FLV bytes in any split. */
export class FlvPublisher {
  readonly #decoder = new FlvDecoder();
  readonly #onTag = ({ type, timestampMs, body }: Tag) => {
    const frame = tagToFrame(type, timestampMs, body);
    if (frame !== undefined) this.publication.push(frame);
  };

  constructor(readonly publication: Publication) {}

  /** Throws `flv.*` for what is no FLV. */
  receive(bytes: Uint8Array): void {
    this.#decoder.push(bytes, this.#onTag);
  }
}

import { expect, test } from "bun:test";
import { encodeAmf0 } from "../../../src/codecs/amf0/amf0.ts";
import { TagType, tagToFrame } from "../../../src/media/body/tag-frame.ts";

test.each([
  ["onMetaData", "metadata"],
  ["onMetaData2", "key"],
  ["onCuePoint", "key"],
  ["@clearDataFrame", "key"],
])("a script tag %s has the role %s: only onMetaData describes the stream", (name, role) => {
  const body = encodeAmf0(name, { width: 640 });
  expect(tagToFrame(TagType.script, 5, body)).toMatchObject({ kind: "data", role, timestampMs: 5, body });
});

test("a script tag that ends within its name describes nothing", () => {
  const whole = encodeAmf0("onMetaData");
  for (let end = 1; end < whole.length; end++) {
    expect(tagToFrame(TagType.script, 0, whole.subarray(0, end))?.role).toBe("key");
  }
});

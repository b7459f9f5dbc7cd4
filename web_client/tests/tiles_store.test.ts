/** The parts of a file are all of it, once each; and a part that was changed is seen. */
import { describe, expect, it } from "vitest";
import { isSound, PART_BYTES, partsOf, sealed, SUM_BYTES } from "../src/wire/tiles_store";

describe("parts", () => {
  it.each([1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 7 * PART_BYTES + 3])("of %i bytes follow one another to the end", (size) => {
    let next = 0;
    for (const [first, last] of partsOf(size)) {
      expect(first).toBe(next);
      expect(last - first + 1).toBeLessThanOrEqual(PART_BYTES);
      next = last + 1;
    }
    expect(next).toBe(size);
  });

  it("of nothing are none", () => {
    expect(partsOf(0)).toEqual([]);
  });

  it("any one bit that was changed, and any end that is missing, is seen", async () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, at) => (at * 37) % 256);
    const kept = new Uint8Array(await (await sealed(bytes.buffer)).arrayBuffer());
    expect(kept.length).toBe(bytes.length + SUM_BYTES);
    expect(await isSound(new Blob([kept]), bytes.length)).toBe(true);
    for (let bit = 0; bit < kept.length * 8; bit += 1) {
      const damaged = kept.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await isSound(new Blob([damaged]), bytes.length), `bit ${bit}`).toBe(false);
    }
    for (let length = 0; length < kept.length; length += 1) {
      expect(await isSound(new Blob([kept.slice(0, length)]), bytes.length), `${length} bytes`).toBe(false);
    }
  });
});

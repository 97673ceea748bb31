// Unpacks LZMA, which makes of the larger engine a fifth less than gzip does. It takes some milliseconds, once.

/** Where the probabilities of each kind begin. */
const [IS_MATCH, IS_REPEAT, IS_LAST, IS_SECOND, IS_THIRD, IS_LONG] = [0, 192, 204, 216, 228, 240];
const [SLOT, SPECIAL, ALIGNED, LENGTH, REPEAT_LENGTH, LITERAL] = [432, 688, 803, 819, 1333, 1847];

/** The bytes of a file in the format `.lzma`, of a length that it states. */
export function unpack(packed) {
  const literalContext = packed[0] % 9;
  const literalMask = (1 << (((packed[0] / 9) | 0) % 5)) - 1;
  const placeMask = (1 << ((packed[0] / 45) | 0)) - 1;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const bytes = new Uint8Array(view.getUint32(5, true));
  const chances = new Uint16Array(LITERAL + (0x300 << (literalContext + Math.log2(literalMask + 1)))).fill(1024);
  let range = 0xffffffff;
  let code = view.getUint32(14);
  let at = 18;

  const more = () => {
    if (range < 0x1000000) {
      range *= 256;
      code = code * 256 + packed[at++];
    }
  };
  const bit = (place) => {
    const chance = chances[place];
    const bound = (range >>> 11) * chance;
    if (code < bound) {
      range = bound;
      chances[place] = chance + ((2048 - chance) >> 5);
      more();
      return 0;
    }
    range -= bound;
    code -= bound;
    chances[place] = chance - (chance >> 5);
    more();
    return 1;
  };
  const tree = (place, count) => {
    let found = 1;
    for (let i = 0; i < count; i++) found = (found << 1) | bit(place + found);
    return found - (1 << count);
  };
  const lowestFirst = (place, count) => {
    let [node, found] = [1, 0];
    for (let i = 0; i < count; i++) {
      const next = bit(place + node);
      node = (node << 1) | next;
      found |= next << i;
    }
    return found;
  };
  const even = (count) => {
    let found = 0;
    for (let i = 0; i < count; i++) {
      range = Math.floor(range / 2);
      const next = code >= range ? 1 : 0;
      if (next === 1) code -= range;
      found = (found << 1) | next;
      more();
    }
    return found;
  };
  const lengthOf = (place, step) => {
    if (bit(place) === 0) return 2 + tree(place + 2 + (step << 3), 3);
    if (bit(place + 1) === 0) return 10 + tree(place + 130 + (step << 3), 3);
    return 18 + tree(place + 258, 8);
  };

  let state = 0;
  let [last, second, third, fourth] = [0, 0, 0, 0];
  const distance = (length) => {
    const slot = tree(SLOT + (Math.min(length - 2, 3) << 6), 6);
    if (slot < 4) return slot;
    const count = (slot >> 1) - 1;
    const start = (2 | (slot & 1)) * 2 ** count;
    if (slot < 14) return start + lowestFirst(SPECIAL + start - slot, count);
    return start + even(count - 4) * 16 + lowestFirst(ALIGNED, 4);
  };

  for (let end = 0; end < bytes.length; ) {
    const step = end & placeMask;
    if (bit(IS_MATCH + (state << 4) + step) === 0) {
      const before = end > 0 ? bytes[end - 1] : 0;
      const place = LITERAL + 0x300 * (((end & literalMask) << literalContext) + (before >> (8 - literalContext)));
      let found = 1;
      if (state >= 7) {
        // Most likely it is the byte that would have come, had the repetition gone on.
        for (let likely = bytes[end - last - 1]; found < 0x100; likely <<= 1) {
          const guess = (likely >> 7) & 1;
          const next = bit(place + ((1 + guess) << 8) + found);
          found = (found << 1) | next;
          if (guess !== next) break;
        }
      }
      while (found < 0x100) found = (found << 1) | bit(place + found);
      bytes[end++] = found;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let length;
    if (bit(IS_REPEAT + state) === 0) {
      [fourth, third, second] = [third, second, last];
      length = lengthOf(LENGTH, step);
      state = state < 7 ? 7 : 10;
      last = distance(length);
    } else {
      if (bit(IS_LAST + state) === 0) {
        if (bit(IS_LONG + (state << 4) + step) === 0) {
          state = state < 7 ? 9 : 11;
          bytes[end] = bytes[end - last - 1];
          end += 1;
          continue;
        }
      } else if (bit(IS_SECOND + state) === 0) {
        [last, second] = [second, last];
      } else if (bit(IS_THIRD + state) === 0) {
        [last, second, third] = [third, last, second];
      } else {
        [last, second, third, fourth] = [fourth, last, second, third];
      }
      length = lengthOf(REPEAT_LENGTH, step);
      state = state < 7 ? 8 : 11;
    }
    for (; length > 0 && end < bytes.length; length--, end++) bytes[end] = bytes[end - last - 1];
  }
  return bytes;
}

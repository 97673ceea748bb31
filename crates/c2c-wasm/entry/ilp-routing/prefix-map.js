// ilp-routing's PrefixMap: `prefixes`, longest first and then from z to a, and `items` are open to be read
// and changed. Beside them it counts prefixes by length, so that a look-up cuts the address at the few
// lengths there are.

/** Up to so many prefixes, trying one after the other is as quick. */
const FEW = 8;

export class PrefixMap {
  /** How often each prefix stands in `prefixes`. */
  #known = new Map();
  /** How many prefixes have each length, and the lengths, longest first. */
  #lengths = new Map();
  #cuts = [];
  #size = 0;
  /** The list that was counted. */
  #counted;
  #isOutOfOrder = false;

  constructor() {
    this.prefixes = [];
    this.items = {};
    this.#counted = this.prefixes;
  }

  keys() {
    return this.prefixes;
  }

  size() {
    return this.prefixes.length;
  }

  resolve(key) {
    const { items, prefixes } = this;
    if (items[key]) return items[key];
    const found = prefixes.length <= FEW || this.#isChanged()
      ? prefixes.find((prefix) => key.startsWith(prefix))
      : this.#longest(key);
    return found === undefined ? null : items[found];
  }

  get(prefix) {
    return this.items[prefix] || null;
  }

  each(fn) {
    for (const prefix of this.prefixes) fn(this.items[prefix], prefix);
  }

  insert(prefix, item) {
    if (!this.items[prefix]) {
      this.#isChanged();
      const isAfter = (other) =>
        prefix.length === other.length ? prefix > other : prefix.length > other.length;
      const { prefixes } = this;
      let [low, high] = [0, prefixes.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (isAfter(prefixes[middle])) high = middle;
        else low = middle + 1;
      }
      prefixes.splice(low, 0, prefix);
      this.#count(prefix, 1);
    }
    this.items[prefix] = item;
    return item;
  }

  delete(prefix) {
    const index = this.#isChanged() ? this.prefixes.indexOf(prefix) : this.#indexOf(prefix);
    if (index >= 0) {
      this.prefixes.splice(index, 1);
      this.#count(prefix, -1);
    }
    delete this.items[prefix];
  }

  toJSON() {
    return this.items;
  }

  /**
   * Whether `prefixes` is not in its order, because somebody else put prefixes in or took them out. What is in
   * its order all the same is counted anew.
   */
  #isChanged() {
    const { prefixes } = this;
    if (prefixes === this.#counted && prefixes.length === this.#size) return this.#isOutOfOrder;
    this.#counted = prefixes;
    this.#size = 0;
    this.#known.clear();
    this.#lengths.clear();
    this.#cuts = [];
    for (const prefix of prefixes) this.#count(prefix, 1);
    this.#isOutOfOrder = prefixes.some((prefix, i) => {
      const before = prefixes[i - 1] ?? prefix;
      return prefix.length === before.length ? prefix > before : prefix.length > before.length;
    });
    return this.#isOutOfOrder;
  }

  #longest(key) {
    for (const cut of this.#cuts) {
      if (cut > key.length) continue;
      const prefix = key.slice(0, cut);
      if (this.#known.has(prefix)) return prefix;
    }
    return undefined;
  }

  #indexOf(prefix) {
    if (!this.#known.has(prefix)) return -1;
    const { prefixes } = this;
    let [low, high] = [0, prefixes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = prefixes[middle];
      const isBefore = other.length === prefix.length ? other > prefix : other.length > prefix.length;
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return prefixes[low] === prefix ? low : prefixes.indexOf(prefix);
  }

  #count(prefix, by) {
    this.#size += by;
    const times = (this.#known.get(prefix) ?? 0) + by;
    if (times > 0) this.#known.set(prefix, times);
    else this.#known.delete(prefix);
    const { length } = prefix;
    const many = (this.#lengths.get(length) ?? 0) + by;
    if (many > 0) this.#lengths.set(length, many);
    else this.#lengths.delete(length);
    if (many === 0 || (many === 1 && by === 1)) this.#cuts = [...this.#lengths.keys()].sort((a, b) => b - a);
  }
}

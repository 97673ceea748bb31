// ilp-routing's PrefixMap: `prefixes`, longest first and then from z to a, and `items` are open to be read
// and changed. Beside them it counts prefixes by length, so that a look-up cuts the address at the few
// lengths there are.

/** Up to so many prefixes, trying one after the other is as quick. */
const FEW = 8;
const DOT = 46;

export class PrefixMap {
  /** Each prefix as it stands in `prefixes`, and how often it does. */
  #known = new Map();
  /** How many prefixes have each length, and how many of them end in a dot; the same, longest first. */
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
    const found = prefixes.length <= FEW || this.#isChanged() ? firstOf(prefixes, key) : this.#longest(key);
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
      const { length } = cut;
      // Where all end in a dot, only what the key has before a dot can be one of them.
      if (length > key.length || (cut.dotted === cut.all && key.charCodeAt(length - 1) !== DOT)) continue;
      // The prefix as it was put in: as a name of a member it is known, where a slice would have to be looked up.
      const known = this.#known.get(key.slice(0, length));
      if (known !== undefined) return known.prefix;
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
    const known = this.#known.get(prefix) ?? { prefix, times: 0 };
    known.times += by;
    if (known.times > 0) this.#known.set(prefix, known);
    else this.#known.delete(prefix);
    const { length } = prefix;
    const cut = this.#lengths.get(length) ?? { length, all: 0, dotted: 0 };
    cut.all += by;
    if (prefix.charCodeAt(length - 1) === DOT) cut.dotted += by;
    if (cut.all > 0 && this.#lengths.has(length)) return;
    if (cut.all > 0) this.#lengths.set(length, cut);
    else this.#lengths.delete(length);
    this.#cuts = [...this.#lengths.values()].sort((a, b) => b.length - a.length);
  }
}

/** The first prefix of a key. */
function firstOf(prefixes, key) {
  for (let i = 0; i < prefixes.length; i++) if (key.startsWith(prefixes[i])) return prefixes[i];
  return undefined;
}

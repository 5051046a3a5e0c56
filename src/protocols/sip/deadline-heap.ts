type Entry<T> = { readonly item: T; dueMs: number; index: number };

/**
 * Tells which of many items is due next. It is a binary heap that knows the place of each item, so that setting,
 * deleting and taking cost time logarithmic in their number.
 */
export class DeadlineHeap<T> {
  /** The parent of the entry at `index` is at `(index - 1) >> 1` and is never due later. */
  readonly #entries: Entry<T>[] = [];
  readonly #byItem = new Map<T, Entry<T>>();

  /** Of those that have a deadline. */
  get size(): number {
    return this.#entries.length;
  }

  /** Infinity when nothing is due, ever. */
  get nextMs(): number {
    return this.#entries[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Gives the item its one deadline. Infinity takes it out. */
  set(item: T, dueMs: number): void {
    const known = this.#byItem.get(item);
    if (dueMs === Number.POSITIVE_INFINITY) {
      if (known !== undefined) this.#remove(known);
    } else if (known === undefined) {
      const entry = { item, dueMs, index: this.#entries.length };
      this.#byItem.set(item, entry);
      this.#entries.push(entry);
      this.#siftUp(entry);
    } else if (dueMs !== known.dueMs) {
      known.dueMs = dueMs;
      this.#siftUp(known);
      this.#siftDown(known);
    }
  }

  /** Takes the item out; it may be unknown. */
  delete(item: T): void {
    this.set(item, Number.POSITIVE_INFINITY);
  }

  /** Takes out the item that is due longest; undefined when none is due. */
  takeDue(nowMs: number): T | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.#remove(first);
    return first.item;
  }

  #remove(entry: Entry<T>): void {
    this.#byItem.delete(entry.item);
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, entry.index);
    this.#siftUp(last);
    this.#siftDown(last);
  }

  #siftUp(entry: Entry<T>): void {
    while (entry.index > 0) {
      const parent = this.#entries[(entry.index - 1) >> 1];
      if (parent === undefined || parent.dueMs <= entry.dueMs) return;
      this.#swap(entry, parent);
    }
  }

  #siftDown(entry: Entry<T>): void {
    for (;;) {
      const left = this.#entries[2 * entry.index + 1];
      const right = this.#entries[2 * entry.index + 2];
      const child = right !== undefined && left !== undefined && right.dueMs < left.dueMs ? right : left;
      if (child === undefined || child.dueMs >= entry.dueMs) return;
      this.#swap(entry, child);
    }
  }

  #swap(one: Entry<T>, other: Entry<T>): void {
    const { index } = one;
    this.#put(one, other.index);
    this.#put(other, index);
  }

  #put(entry: Entry<T>, index: number): void {
    entry.index = index;
    this.#entries[index] = entry;
  }
}

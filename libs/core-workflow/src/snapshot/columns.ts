/**
 * How one field of all nodes is kept: as one list, which is a fraction of a list of objects. What `pack` gives is plain
 * data that survives JSON; `unpack` is only ever given that.
 */
export interface Column<Value> {
  pack(values: readonly Value[]): unknown;
  /** Gives the value of each index; nothing is made for those that are never asked for. */
  unpack(data: unknown): (index: number) => Value;
}

type PlainData<Value> =
  | { readonly all: Value }
  /** 7, 8, 9 …: as places and loop items mostly are. */
  | { readonly first: number; readonly step: number }
  | { readonly each: readonly Value[] };

/** Numbers, truth values and texts; one value, or two numbers, when the others follow from that. */
export function plain<Value extends number | boolean | string>(): Column<Value> {
  return {
    pack(values): PlainData<Value> {
      const [first, second] = values;
      if (first === undefined) return { each: values };
      if (values.every((value) => value === first)) return { all: first };
      if (typeof first !== 'number' || typeof second !== 'number') return { each: values };
      const step = second - first;
      const isSequence = values.every((value, index) => value === first + index * step);
      return isSequence ? { first, step } : { each: values };
    },
    unpack(data) {
      const kept = data as PlainData<Value>;
      if ('all' in kept) return () => kept.all;
      if ('each' in kept) return (index) => kept.each[index] as Value;
      // Only numbers are packed like this.
      return (index) => (kept.first + index * kept.step) as Value;
    },
  };
}

interface WordData<Value> {
  readonly words: readonly Value[];
  /** The place of each value among the words. */
  readonly at: unknown;
}

/** Texts of which there are few different ones: each is kept, and is there again, only once. */
export function words<Value extends string>(): Column<Value> {
  return {
    pack(values): WordData<Value> {
      const places = new Map<Value, number>();
      const at = values.map((value) => {
        const known = places.get(value);
        if (known !== undefined) return known;
        const place = places.size;
        places.set(value, place);
        return place;
      });
      return { words: [...places.keys()], at: PLACES.pack(at) };
    },
    unpack(data) {
      const kept = data as WordData<Value>;
      const at = PLACES.unpack(kept.at);
      return (index) => kept.words[at(index)] as Value;
    },
  };
}

const PLACES = plain<number>();

interface SparseData {
  /** The indexes of the values. */
  readonly at: unknown;
  readonly values: readonly unknown[];
}

/** Values of which most are the usual one: only the others are listed. */
export function sparse<Value>(form: {
  readonly usual: Value;
  isUsual(value: Value): boolean;
  toData(value: Value): unknown;
  fromData(data: unknown): Value;
}): Column<Value> {
  return {
    pack(all): SparseData {
      const at: number[] = [];
      const values: unknown[] = [];
      all.forEach((value, index) => {
        if (form.isUsual(value)) return;
        at.push(index);
        values.push(form.toData(value));
      });
      return { at: PLACES.pack(at), values };
    },
    unpack(data) {
      const { at, values } = data as SparseData;
      if (values.length === 0) return () => form.usual;
      const places = PLACES.unpack(at);
      const found = new Map(values.map((value, place) => [places(place), value]));
      return (index) => (found.has(index) ? form.fromData(found.get(index)) : form.usual);
    },
  };
}

/** Data that is kept as it is; mostly absent. */
export function optionalData<Value>(): Column<Value | undefined> {
  return sparse<Value | undefined>({
    usual: undefined,
    isUsual: (value) => value === undefined,
    toData: (value) => value,
    fromData: (data) => data as Value,
  });
}

/** Lists of data, mostly empty; the empty ones are one and the same. */
export function lists<Item>(): Column<readonly Item[]> {
  return sparse<readonly Item[]>({
    usual: [],
    isUsual: (value) => value.length === 0,
    toData: (value) => value,
    fromData: (data) => data as readonly Item[],
  });
}

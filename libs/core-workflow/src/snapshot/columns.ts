/**
 * How one field of all nodes is kept: as one list, which is a fraction of a list of objects. What `pack` gives is plain
 * data that survives JSON; `unpack` is only ever given that.
 */
export interface Column<Value> {
  pack(values: readonly Value[]): unknown;
  unpack(data: unknown, count: number): readonly Value[];
}

type PlainData<Value> = { readonly all: Value } | { readonly each: readonly Value[] };

/** Numbers, truth values and texts; one value when it is the same for all. */
export function plain<Value extends number | boolean | string>(): Column<Value> {
  return {
    pack(values): PlainData<Value> {
      const [first] = values;
      if (first === undefined || values.some((value) => value !== first)) return { each: values };
      return { all: first };
    },
    unpack(data, count) {
      const kept = data as PlainData<Value>;
      return 'all' in kept ? new Array<Value>(count).fill(kept.all) : kept.each;
    },
  };
}

interface WordData<Value> {
  readonly words: readonly Value[];
  readonly at: readonly number[];
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
      return { words: [...places.keys()], at };
    },
    unpack(data) {
      const kept = data as WordData<Value>;
      return kept.at.map((place) => kept.words[place] as Value);
    },
  };
}

interface SparseData {
  readonly at: readonly number[];
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
      return { at, values };
    },
    unpack(data, count) {
      const { at, values } = data as SparseData;
      const all = new Array<Value>(count).fill(form.usual);
      at.forEach((index, place) => {
        all[index] = form.fromData(values[place]);
      });
      return all;
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

/** An object as its origin shows it at one moment. */
export interface ObservedObject {
  /** Names the object among those of its kind: namespace and name. */
  readonly key: string;
  readonly name: string;
  /** Another one under the same key is another object. */
  readonly uid: string;
  /** Changes with the object; numbers that only grow, wherever the origin counts so. */
  readonly version: string;
  /** Unix milliseconds. */
  readonly createdMs: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly text: string;
  /**
   * More than `text`, where that has only what lists show; asked for when the object is told.
   * @throws ArgosyError when it cannot be had now.
   */
  readonly wholeText?: (signal: AbortSignal) => Promise<string>;
}

/** Who hears of objects. The origin awaits each call before it makes the next one. */
export interface ObjectListener {
  /** @throws ArgosyError CANCELLED when this is the end: the origin is to stop. */
  object(object: ObservedObject): Promise<void>;
  /** @param text as it last was, where the origin tells. */
  gone(key: string, text?: string): Promise<void>;
  /** All up to this version has been told: what is asked for as `from` another time. */
  at(version: string): void;
  /** The versions count anew: `from` means nothing any more. */
  countsAnew(): void;
  /** The objects that are there, as far as was told. */
  keys(): readonly string[];
  /** Why objects are not followed at present; undefined: they are. */
  trouble(reason: string | undefined): void;
}

/** Where objects are looked at. */
export interface ObjectOrigin {
  /** Changes with the place and the objects: what was told of one place is not known of another one. */
  readonly identity: string;
  /**
   * Tells all that is there, then each change, until the signal is aborted. Never rejects.
   * @param from the last `at` of an earlier time; what happened since then is told where it can be.
   */
  follow(
    listener: ObjectListener,
    options: { readonly from: string | undefined; readonly signal: AbortSignal },
  ): Promise<void>;
}

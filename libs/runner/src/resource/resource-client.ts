/** A manifest, as any Kubernetes object. */
export interface ResourceObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface ResourceReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Where the objects of resource templates live. Every call throws ArgosyError only. */
export interface ResourceClient {
  /** @throws ArgosyError ALREADY_EXISTS, INVALID_ARGUMENT for a manifest that is refused or of an unknown kind. */
  create(object: ResourceObject, signal: AbortSignal): Promise<ResourceObject>;
  /** Creates the object, or writes it over the one of that name. */
  apply(object: ResourceObject, signal: AbortSignal): Promise<ResourceObject>;
  /** Undefined when there is none. */
  get(reference: ResourceReference, signal: AbortSignal): Promise<ResourceObject | undefined>;
  /** @throws ArgosyError NOT_FOUND */
  delete(reference: ResourceReference, signal: AbortSignal): Promise<void>;
}

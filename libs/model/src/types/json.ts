/** A JSON value as decoded from a manifest. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A part of a manifest that is handed on as it is (Kubernetes objects that only pods need). */
export type JsonObject = { readonly [key: string]: Json };

/** Kubernetes' `IntOrString`; text may hold variables. */
export type IntOrString = number | string;

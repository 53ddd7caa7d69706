import { ArgosyError } from '@argosy/base';

/** Settings of a service that runs as a process of its own, from environment variables. */
export interface Environment {
  /** @throws ArgosyError INVALID_ARGUMENT that names the variable when it is not set. */
  required(name: string): string;
  text(name: string, byDefault: string): string;
  /** @throws ArgosyError INVALID_ARGUMENT when it is set to something that is no whole number ≥ 0. */
  number(name: string, byDefault: number): number;
  /** Comma-separated; empty entries do not count. */
  list(name: string): readonly string[];
}

/** Reads variables; one that is set to nothing counts as not set. */
export function environmentOf(variables: NodeJS.ProcessEnv): Environment {
  const find = (name: string): string | undefined => {
    const value = variables[name];
    return value === '' ? undefined : value;
  };
  return {
    required(name) {
      const value = find(name);
      if (value !== undefined) return value;
      throw new ArgosyError('INVALID_ARGUMENT', `the environment variable ${name} must be set`);
    },
    text: (name, byDefault) => find(name) ?? byDefault,
    number(name, byDefault) {
      const text = find(name);
      if (text === undefined) return byDefault;
      const value = Number(text);
      if (Number.isInteger(value) && value >= 0) return value;
      throw new ArgosyError('INVALID_ARGUMENT', `${name} must be a whole number, not "${text}"`);
    },
    list: (name) => (find(name) ?? '').split(',').filter((entry) => entry !== ''),
  };
}

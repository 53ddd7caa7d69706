import { expectCount, textArgument, type SprigFunction } from './arguments.ts';

/** path.Clean: removes `.`, inner `..`, doubled and trailing slashes. */
export function cleanPath(path: string): string {
  if (path === '') return '.';
  const isRooted = path.startsWith('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isRooted) kept.push('..');
  }
  const joined = kept.join('/');
  if (isRooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

function base(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot);
}

function ofPath(work: (path: string) => unknown): SprigFunction {
  return (args) => {
    expectCount(args, 1);
    return work(textArgument(args, 0));
  };
}

const directory = (path: string): string => cleanPath(path.slice(0, path.lastIndexOf('/') + 1));
const isAbsolute = (path: string): boolean => path.startsWith('/');

/** Functions on slash-separated paths; the `os` twins are the same on Unix. */
export const pathFunctions: Readonly<Record<string, SprigFunction>> = {
  base: ofPath(base),
  osBase: ofPath(base),
  dir: ofPath(directory),
  osDir: ofPath(directory),
  clean: ofPath(cleanPath),
  osClean: ofPath(cleanPath),
  ext: ofPath(extension),
  osExt: ofPath(extension),
  isAbs: ofPath(isAbsolute),
  osIsAbs: ofPath(isAbsolute),
};

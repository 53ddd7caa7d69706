import { isGoMap, kindOfValue } from '../govalue/index.ts';
import { utf8Bytes, utf8Text } from '../bytes/index.ts';
import { expectCount, mapArgument, textArgument, type SprigFunction } from './arguments.ts';

function unescapePercent(text: string): string {
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    if (text.charAt(index) !== '%') {
      bytes.push(...utf8Bytes(text.charAt(index)));
      continue;
    }
    const digits = text.slice(index + 1, index + 3);
    if (!/^[0-9a-fA-F]{2}$/.test(digits)) {
      throw new Error(`unable to parse url: invalid URL escape "%${digits}"`);
    }
    bytes.push(Number.parseInt(digits, 16));
    index += 2;
  }
  return utf8Text(Uint8Array.from(bytes));
}

function escapePath(path: string): string {
  return encodeURI(path).replace(/[?#]/g, (character) => (character === '?' ? '%3F' : '%23'));
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const index = text.indexOf(separator);
  return index < 0
    ? [text, undefined]
    : [text.slice(0, index), text.slice(index + separator.length)];
}

function parseUrl(text: string): Record<string, unknown> {
  const [beforeFragment, fragment = ''] = splitOnce(text, '#');
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:)/.exec(beforeFragment)?.[0] ?? '';
  const afterScheme = scheme === '' ? beforeFragment : beforeFragment.slice(scheme.length + 1);
  const [body, query = ''] = splitOnce(afterScheme, '?');
  const result = { scheme: scheme.toLowerCase(), host: '', hostname: '', path: '', query };
  const tail = { opaque: '', fragment: unescapePercent(fragment), userinfo: '' };
  if (!body.startsWith('/') && scheme !== '') return { ...result, ...tail, opaque: body };
  if (!body.startsWith('//')) return { ...result, ...tail, path: unescapePercent(body) };
  const slash = body.indexOf('/', 2);
  const authority = slash < 0 ? body.slice(2) : body.slice(2, slash);
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  return {
    ...result,
    ...tail,
    host,
    hostname: hostName(host),
    path: slash < 0 ? '' : unescapePercent(body.slice(slash)),
    userinfo: at < 0 ? '' : authority.slice(0, at),
  };
}

function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host);
  return bracketed === null ? host.replace(/:\d*$/, '') : (bracketed[1] ?? '');
}

function field(map: Readonly<Record<string, unknown>>, key: string): string {
  if (!Object.hasOwn(map, key)) return '';
  const value = map[key];
  if (typeof value === 'string') return value;
  const kind = kindOfValue(value);
  throw new Error(`unable to parse ${key} key, must be of type string, but ${kind} found`);
}

function joinUrl(map: Readonly<Record<string, unknown>>): string {
  const [scheme, opaque] = [field(map, 'scheme'), field(map, 'opaque')];
  const [query, fragment] = [field(map, 'query'), field(map, 'fragment')];
  const start = scheme === '' ? '' : `${scheme}:`;
  const middle = opaque === '' ? hierarchy(map, scheme) : opaque;
  const queryPart = query === '' ? '' : `?${query}`;
  return `${start}${middle}${queryPart}${fragment === '' ? '' : `#${escapePath(fragment)}`}`;
}

/** `//user@host/path`; the slashes stand whenever there is something for them to mark. */
function hierarchy(map: Readonly<Record<string, unknown>>, scheme: string): string {
  const [host, path, userinfo] = [field(map, 'host'), field(map, 'path'), field(map, 'userinfo')];
  const isMarked = host !== '' || userinfo !== '' || (scheme !== '' && path !== '');
  const user = userinfo === '' ? '' : `${userinfo}@`;
  const slash = host !== '' && path !== '' && !path.startsWith('/') ? '/' : '';
  return `${isMarked ? `//${user}${host}` : ''}${slash}${escapePath(path)}`;
}

/** Functions on URLs, without looking anything up. */
export const urlFunctions: Readonly<Record<string, SprigFunction>> = {
  urlParse: (args) => {
    expectCount(args, 1);
    return parseUrl(textArgument(args, 0));
  },
  urlJoin: (args) => {
    expectCount(args, 1);
    const map = mapArgument(args, 0);
    return isGoMap(map) ? joinUrl(map) : '';
  },
};

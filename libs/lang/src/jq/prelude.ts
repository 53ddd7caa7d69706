import type { JqDefinition, JqNode } from './node.ts';
import { parseJq } from './parser.ts';

/** Functions of jq that can be said in jq itself. */
const SOURCES: readonly string[] = [
  'def select(f): if f then . else empty end',
  'def first: .[0]',
  'def last: .[-1]',
  'def nth($n): .[$n]',
  'def nth($n; f): if $n < 0 then error("nth does not support a negative index") else first(skip($n; f)) end',
  'def map(f): [.[] | f]',
  'def map_values(f): .[] |= f',
  'def with_entries(f): to_entries | map(f) | from_entries',
  'def recurse: recurse(.[]?)',
  'def recurse(f; condition): recurse(f | select(condition))',
  'def until(done; next): first(def go: if done then . else next | go end; go)',
  'def while(going; next): def go: if going then ., (next | go) else empty end; go',
  'def repeat(f): f, repeat(f)',
  'def in(whole): . as $key | whole | has($key)',
  'def inside(whole): . as $part | whole | contains($part)',
  'def isempty(f): first((f | false), true)',
  'def any: any(.)',
  'def all: all(.)',
  'def any(f): any(.[]; f)',
  'def all(f): all(.[]; f)',
  'def any(items; f): isempty(first(items | f | select(.))) | not',
  'def all(items; f): isempty(first(items | f | select(. | not)))',
  'def add(f): reduce f as $x (null; . + $x)',
  'def add: add(.[])',
  'def del(f): delpaths([path(f)])',
  'def paths: path(..) | select(length > 0)',
  'def paths(f): path(.. | select(f)) | select(length > 0)',
  'def pick(f): . as $all | reduce path(f) as $p (null; setpath($p; $all | getpath($p)))',
  'def to_entries: . as $all | keys | map({key: ., value: $all[.]})',
  'def walk(f): def go: if type == "array" or type == "object" then map_values(go) else . end | f; go',
  'def combinations: if length == 0 then [] else .[0][] as $x | .[1:] | combinations as $rest | [$x] + $rest end',
  'def combinations($n): . as $items | [range($n) | $items] | combinations',
  'def IN(items): . as $x | any(items; . == $x)',
  'def IN(source; items): any(source; IN(items))',
  'def INDEX(f): INDEX(.[]; f)',
  'def INDEX(items; f): reduce items as $row ({}; .[$row | f | tostring] = $row)',
  'def range($end): range(0; $end; 1)',
  'def range($start; $end): range($start; $end; 1)',
  'def numbers: select(type == "number")',
  'def strings: select(type == "string")',
  'def booleans: select(type == "boolean")',
  'def nulls: select(. == null)',
  'def arrays: select(type == "array")',
  'def objects: select(type == "object")',
  'def iterables: select(type == "array" or type == "object")',
  'def scalars: select(type != "array" and type != "object")',
  'def values: select(. != null)',
  'def finites: select(isinfinite or isnan | not)',
  'def normals: select(isnormal)',
  'def todate: strftime("%Y-%m-%dT%H:%M:%SZ")',
  'def todateiso8601: todate',
  'def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%S%z") | mktime',
  'def fromdate: fromdateiso8601',
  'def test($re): test($re; null)',
  'def test($re; $flags): _match($re; $flags) != []',
  'def match($re): match($re; null)',
  'def match($re; $flags): _match($re; $flags) | .[]',
  'def capture($re): capture($re; null)',
  'def capture($re; $flags): match($re; $flags) | _captures',
  'def scan($re): scan($re; null)',
  'def scan($re; $flags): match($re; "g" + $flags) | if .captures == [] then .string else [.captures[].string] end',
  'def split($re; $flags): _split($re; $flags)',
  'def splits($re): splits($re; null)',
  'def splits($re; $flags): _split($re; $flags) | .[]',
  'def sub($re; f): sub($re; f; null)',
  'def gsub($re; f): sub($re; f; "g")',
  'def gsub($re; f; $flags): sub($re; f; "g" + $flags)',
  'def truncate_stream(f): . as $depth | f | select((.[0] | length) > $depth) | .[0] |= .[$depth:]',
  'def debug: .',
  'def debug(f): .',
  'def stderr: .',
  'def env: {}',
];

type Define = JqNode & { readonly kind: 'Define' };

let definitions: ReadonlyMap<string, JqDefinition> | undefined;

/** The function of that name and number of arguments, if jq has it and it is said in jq. */
export function preludeOf(key: string): JqDefinition | undefined {
  definitions ??= new Map(
    SOURCES.map((source) => {
      const { definition } = parseJq(`${source}; .`) as Define;
      return [definition.key, definition] as const;
    }),
  );
  return definitions.get(key);
}

/** Names and numbers of arguments of all of them. */
export function preludeKeys(): readonly string[] {
  preludeOf('');
  return Array.from(definitions?.keys() ?? []);
}

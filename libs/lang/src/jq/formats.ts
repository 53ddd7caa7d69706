import { base64Decode, base64Encode, utf8Bytes, utf8Text } from '../bytes/index.ts';
import { failLang } from '../error.ts';
import { failJq, jqJson, preview, textOf } from './value.ts';

/** What `@name` makes of a value. Throws LangFailure. */
export function formatted(name: string, value: unknown): string {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  return format === undefined ? failLang('Syntax', `format not defined: ${name}`) : format(value);
}

const FORMATS: Readonly<Record<string, (value: unknown) => string>> = {
  '@text': textOf,
  '@json': jqJson,
  '@html': (value) => textOf(value).replace(/[<>&'"]/g, (character) => HTML[character] ?? ''),
  '@uri': (value) => percentEncoded(textOf(value)),
  '@urid': (value) => percentDecoded(textOf(value)),
  '@csv': (value) => row('@csv', value, { separator: ',', text: quotedCsv }),
  '@tsv': (value) => row('@tsv', value, { separator: '\t', text: escapedTsv }),
  '@sh': (value) => (Array.isArray(value) ? value : [value]).map(quotedShell).join(' '),
  '@base64': (value) => base64Encode(utf8Bytes(textOf(value))),
  '@base64d': (value) => {
    const text = textOf(value).replace(/=+$/, '');
    const decoded = base64Decode(text.padEnd(Math.ceil(text.length / 4) * 4, '='));
    if (decoded.ok) return utf8Text(decoded.value);
    return failJq(`@base64d cannot be applied to ${JSON.stringify(text)}: ${decoded.error}`);
  },
};

const HTML: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  "'": '&apos;',
  '"': '&quot;',
};

function percentEncoded(text: string): string {
  return Array.from(utf8Bytes(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(character)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function percentDecoded(text: string): string {
  const bytes: number[] = [];
  for (const part of text.split(/(%[0-9A-Fa-f]{2})/)) {
    if (/^%[0-9A-Fa-f]{2}$/.test(part)) bytes.push(Number.parseInt(part.slice(1), 16));
    else if (part.includes('%')) failJq(`@urid cannot be applied to ${JSON.stringify(text)}`);
    else bytes.push(...utf8Bytes(part));
  }
  return utf8Text(Uint8Array.from(bytes));
}

interface Row {
  readonly separator: string;
  readonly text: (text: string) => string;
}

function row(name: string, value: unknown, { separator, text }: Row): string {
  if (!Array.isArray(value)) return failJq(`${name} cannot be applied to: ${preview(value)}`);
  return (value as readonly unknown[])
    .map((item) => {
      if (item === null || item === undefined) return '';
      if (typeof item === 'string') return text(item);
      if (typeof item !== 'object') return textOf(item);
      return failJq(`${name} cannot format an array including: ${preview(item)}`);
    })
    .join(separator);
}

const quotedCsv = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const TSV: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\r': '\\r',
  '\n': '\\n',
  '\\': '\\\\',
};

const escapedTsv = (text: string): string => text.replace(/[\t\r\n\\]/g, (c) => TSV[c] ?? c);

function quotedShell(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return failJq(`@sh cannot format an array including: ${preview(value)}`);
  }
  return typeof value === 'string' ? `'${value.replaceAll("'", String.raw`'\''`)}'` : textOf(value);
}

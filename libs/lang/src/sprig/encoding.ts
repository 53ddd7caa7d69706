import {
  adler32,
  base32Decode,
  base32Encode,
  base64Decode,
  base64Encode,
  hexText,
  sha1,
  sha256,
  sha512,
  utf8Bytes,
  utf8Text,
} from '../bytes/index.ts';
import { goJson, parseJson, type GoJsonOptions } from '../govalue/index.ts';
import { expectCount, textArgument, type SprigFunction } from './arguments.ts';

function ofText(work: (text: string) => unknown): SprigFunction {
  return (args) => {
    expectCount(args, 1);
    return work(textArgument(args, 0));
  };
}

function toJson(options: GoJsonOptions, orEmpty: boolean): SprigFunction {
  return (args) => {
    expectCount(args, 1);
    try {
      return goJson(args[0], options);
    } catch (thrown) {
      if (orEmpty) return '';
      throw thrown;
    }
  };
}

function decoded(result: ReturnType<typeof base64Decode>): string {
  return result.ok ? utf8Text(result.value) : result.error;
}

/** Functions that encode, decode and hash. A failed decoding answers the error as text, as sprig. */
export const encodingFunctions: Readonly<Record<string, SprigFunction>> = {
  b64enc: ofText((text) => base64Encode(utf8Bytes(text))),
  b64dec: ofText((text) => decoded(base64Decode(text))),
  b32enc: ofText((text) => base32Encode(utf8Bytes(text))),
  b32dec: ofText((text) => decoded(base32Decode(text))),
  sha1sum: ofText((text) => hexText(sha1(utf8Bytes(text)))),
  sha256sum: ofText((text) => hexText(sha256(utf8Bytes(text)))),
  sha512sum: ofText((text) => hexText(sha512(utf8Bytes(text)))),
  adler32sum: ofText((text) => String(adler32(utf8Bytes(text)))),
  toJson: toJson({}, true),
  mustToJson: toJson({}, false),
  toPrettyJson: toJson({ indent: '  ' }, true),
  mustToPrettyJson: toJson({ indent: '  ' }, false),
  toRawJson: toJson({ escapeHtml: false }, false),
  mustToRawJson: toJson({ escapeHtml: false }, false),
  fromJson: ofText((text) => parseJson(text)?.value ?? null),
  mustFromJson: ofText((text) => {
    const parsed = parseJson(text);
    if (parsed === undefined) throw new Error(`invalid JSON: ${text.slice(0, 80)}`);
    return parsed.value;
  }),
};

export { base32Decode, base32Encode, base64Decode, base64Encode, hexText } from './base64.ts';
export { adler32, sha1, sha512 } from './hash.ts';
export { sha256 } from './sha256.ts';
export { utf8Bytes, utf8Text } from './utf8.ts';

export { base32Decode, base32Encode, base64Decode, base64Encode, hexText } from './base64.ts';
export { adler32, sha1, sha256, sha512 } from './hash.ts';
export { utf8Bytes, utf8Text } from './utf8.ts';

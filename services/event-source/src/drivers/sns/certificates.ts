import { boundedText } from '../http/provider-client.ts';
import { isSnsCertificateUrl } from './message.ts';

const FETCH_TIMEOUT_MS = 5_000;
const CERTIFICATE_BYTES_MAX = 64 * 1_024;
/** AWS has one certificate per region at a time, and a new one about once a year. */
const CERTIFICATES_MAX = 32;

/** The certificates that SNS signs with, fetched once each. */
export interface SnsCertificates {
  /** @throws Error when it cannot be fetched. */
  get(url: string): Promise<string>;
}

export function createSnsCertificates(fetchText = fetchCertificate): SnsCertificates {
  const known = new Map<string, Promise<string>>();
  return {
    get(url) {
      if (!isSnsCertificateUrl(url)) throw new Error('the address is not one of SNS');
      const found = known.get(url);
      if (found !== undefined) return found;
      const oldest = known.keys().next().value;
      if (known.size >= CERTIFICATES_MAX && oldest !== undefined) known.delete(oldest);
      const fetched = fetchText(url);
      known.set(url, fetched);
      // What failed is fetched anew the next time.
      fetched.catch(() => known.delete(url));
      return fetched;
    },
  };
}

async function fetchCertificate(url: string): Promise<string> {
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok) throw new Error(`the answer was ${response.status}`);
  return boundedText(response, CERTIFICATE_BYTES_MAX);
}

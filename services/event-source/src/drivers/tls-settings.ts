import type { DriverContext, SecretSelector } from './driver.ts';
import { secretOf } from './http/secret-value.ts';
import { flagField, isFields, selectorField, type Fields } from './http/settings.ts';

/** `tls` of a source that is a client: which Secrets hold what. */
export interface TlsSettings {
  readonly caCertificate: SecretSelector | undefined;
  readonly client:
    { readonly certificate: SecretSelector; readonly key: SecretSelector } | undefined;
  readonly insecureSkipVerify: boolean;
}

/** Options of `node:tls`; PEM. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Reads `tls`; undefined when it is absent. */
export function parseTlsSettings(fields: Fields, problems: string[]): TlsSettings | undefined {
  const tls = fields['tls'];
  if (tls === undefined || tls === null) return undefined;
  if (!isFields(tls)) {
    problems.push('tls must be a map: {caCertSecret, clientCertSecret, clientKeySecret}');
    return undefined;
  }
  const found: string[] = [];
  const caCertificate = selectorField(tls, 'caCertSecret', found);
  const certificate = selectorField(tls, 'clientCertSecret', found);
  const key = selectorField(tls, 'clientKeySecret', found);
  const insecureSkipVerify = flagField(tls, 'insecureSkipVerify', found);
  if ((certificate === undefined) !== (key === undefined)) {
    found.push('clientCertSecret and clientKeySecret go together');
  }
  problems.push(...found.map((problem) => `tls.${problem}`));
  const client = certificate && key ? { certificate, key } : undefined;
  return { caCertificate, client, insecureSkipVerify };
}

/** The options with the values of the Secrets. @throws ArgosyError when one is missing. */
export function tlsOptionsOf(tls: TlsSettings, context: DriverContext): TlsOptions {
  const { caCertificate, client, insecureSkipVerify } = tls;
  return {
    ...(caCertificate === undefined ? {} : { ca: secretOf(caCertificate, context) }),
    ...(client === undefined
      ? {}
      : { cert: secretOf(client.certificate, context), key: secretOf(client.key, context) }),
    ...(insecureSkipVerify ? { rejectUnauthorized: false } : {}),
  };
}

import {
  isSnsCertificateUrl,
  passesObjectKeyFilter,
  snsTextToSign,
  wantsBitbucketServerHooks,
} from '@argosy/event-source';
import { failed, type CaseOutcome, type ConformanceCase } from '../adapter.ts';
import { compared, expectOf, partOf, partsOf, specOf, type Part } from './case.ts';

/** Rules of single providers that are decided without a request. */
export function runProviderCheck(conformanceCase: ConformanceCase): CaseOutcome {
  const spec = specOf(conformanceCase);
  const expect = expectOf(conformanceCase);
  const event: Part = partsOf(conformanceCase['events'])[0] ?? {};
  switch (spec['check']) {
    case 'shouldCreateWebhooks': {
      const settings = partOf(spec['bitbucketserver']);
      const url = partOf(settings['webhook'])['url'];
      const isWanted = wantsBitbucketServerHooks(settings, url === undefined ? url : String(url));
      return compared('value', isWanted, expect['value']);
    }
    case 'signingCertURL':
      return compared('accept', isSnsCertificateUrl(event['url']), expect['accept']);
    case 'stringToSign': {
      const message = partOf(JSON.parse(String(event['bodyText'])));
      return compared('text', snsTextToSign(message), expect['text']);
    }
    case 'objectKeyFilter': {
      const { prefix, suffix } = partOf(spec['filter']);
      const filter = { prefix: String(prefix ?? ''), suffix: String(suffix ?? '') };
      const passes = passesObjectKeyFilter(String(event['objectKey']), filter);
      return compared('publish', passes, expect['publish']);
    }
    default:
      return failed(`no check of the name ${String(spec['check'])}`);
  }
}

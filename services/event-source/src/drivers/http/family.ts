import { createBitbucketDriver } from '../bitbucket/driver.ts';
import { createBitbucketServerDriver } from '../bitbucketserver/driver.ts';
import type { Driver } from '../driver.ts';
import { createGerritDriver } from '../gerrit/driver.ts';
import { createGithubDriver } from '../github/driver.ts';
import { createGitlabDriver } from '../gitlab/driver.ts';
import { createSlackDriver } from '../slack/driver.ts';
import { createSnsDriver } from '../sns/driver.ts';
import { createStorageGridDriver } from '../storagegrid/driver.ts';
import { createStripeDriver } from '../stripe/driver.ts';
import { createWebhookDriver } from '../webhook/driver.ts';
import type { HttpFamily } from './source.ts';

/** The drivers that are called over HTTP. */
export function httpFamilyDrivers(family: HttpFamily): readonly Driver[] {
  return [
    createWebhookDriver(family.endpoints),
    createGithubDriver(family),
    createGitlabDriver(family),
    createBitbucketServerDriver(family),
    createBitbucketDriver(family),
    createGerritDriver(family),
    createSlackDriver(family),
    createStripeDriver(family),
    createStorageGridDriver(family),
    createSnsDriver(family),
  ];
}

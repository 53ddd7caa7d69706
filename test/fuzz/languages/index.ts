import type { Language } from '../language.ts';
import { cron } from './cron.ts';
import { durations } from './durations.ts';
import { expr } from './expr.ts';
import { gjson, sjson } from './gjson.ts';
import { jsonpath, kubepath } from './jsonpath.ts';
import { labels } from './labels.ts';
import { printf } from './printf.ts';
import { bareword, when } from './when.ts';

/** What `--language` can name, and the languages it means. */
export const languages: Readonly<Record<string, readonly Language[]>> = {
  expr: [expr],
  when: [when, bareword],
  cron: [cron],
  gjson: [gjson, sjson],
  printf: [printf],
  durations: [durations],
  labels: [labels],
  jsonpath: [jsonpath, kubepath],
};
